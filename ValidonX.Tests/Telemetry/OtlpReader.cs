namespace ValidonX.Tests.Telemetry;

/// <summary>Reads OTLP's messages (opentelemetry-proto 1.x); field numbers are those of its files.</summary>
internal static class OtlpReader
{
    public static IEnumerable<CollectedSpan> Spans(ReadOnlyMemory<byte> body) =>
        from resource in new ProtobufMessage(body).Messages(1)
        let service = Service(resource)
        from scope in resource.Messages(2)
        from span in scope.Messages(2)
        select new CollectedSpan(
            service,
            scope.Message(1)?.Text(1) ?? "",
            span.Hex(1),
            span.Hex(2),
            span.Hex(4),
            span.Text(5),
            (int)span.Number(6),
            span.Message(15)?.Number(3) == 2,
            Attributes(span, 9),
            [.. span.Messages(13).Select(link => link.Hex(1))]);

    public static IEnumerable<CollectedLog> Logs(ReadOnlyMemory<byte> body) =>
        from resource in new ProtobufMessage(body).Messages(1)
        let service = Service(resource)
        from scope in resource.Messages(2)
        from log in scope.Messages(2)
        select new CollectedLog(service, scope.Message(1)?.Text(1) ?? "", log.Message(5)?.Text(1) ?? "", log.Hex(9), Attributes(log, 6));

    public static IEnumerable<CollectedSeries> Metrics(ReadOnlyMemory<byte> body) =>
        from resource in new ProtobufMessage(body).Messages(1)
        let service = Service(resource)
        from scope in resource.Messages(2)
        from metric in scope.Messages(2)
        from series in Points(service, metric)
        select series;

    /// <summary>Names the process that sent a message.</summary>
    public static string Process(ReadOnlyMemory<byte> body) => new ProtobufMessage(body).Message(1) is { } resource ? $"{Service(resource)}/{Instance(resource)}" : "";

    private static IEnumerable<CollectedSeries> Points(string service, ProtobufMessage metric)
    {
        var (name, unit) = (metric.Text(1), metric.Text(3));

        // Gauge and sum have points with a value, a histogram has points with a count. Only of a sum that can but grow is the present value a total.
        foreach (var data in metric.Messages(5).Concat(metric.Messages(7)))
        {
            var isTotal = data.Number(3) != 0;
            foreach (var point in data.Messages(1))
            {
                yield return new(service, name, unit, point.Has(4) ? point.Double(4) : (long)point.Number(6), Attributes(point, 7)) { IsTotal = isTotal };
            }
        }

        foreach (var point in metric.Messages(9).SelectMany(data => data.Messages(1)))
        {
            yield return new(service, name, unit, point.Number(4), Attributes(point, 9)) { Histogram = new(point.Double(5), point.Doubles(7), point.Numbers(6)) };
        }
    }

    private static string Instance(ProtobufMessage resource) =>
        resource.Message(1) is { } described && Attributes(described, 1).TryGetValue("service.instance.id", out var name) ? name : "";

    private static string Service(ProtobufMessage resource) =>
        resource.Message(1) is { } described && Attributes(described, 1).TryGetValue("service.name", out var name) ? name : "";

    private static Dictionary<string, string> Attributes(ProtobufMessage message, int number)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in message.Messages(number))
            attributes[pair.Text(1)] = pair.Message(2) is { } value ? Value(value) : "";
        return attributes;
    }

    private static string Value(ProtobufMessage value) =>
        value.Has(1) ? value.Text(1)
        : value.Has(2) ? (value.Number(2) != 0).ToString()
        : value.Has(3) ? ((long)value.Number(3)).ToString(System.Globalization.CultureInfo.InvariantCulture)
        : value.Has(4) ? value.Double(4).ToString(System.Globalization.CultureInfo.InvariantCulture)
        : "";
}
