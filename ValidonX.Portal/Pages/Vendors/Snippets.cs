namespace ValidonX.Portal.Pages.Vendors;

/// <summary>A first call in four languages. The tests run each as it is.</summary>
internal static class Snippets
{
    /// <summary>All of them, by language.</summary>
    /// <param name="gateway">The gateway's address.</param>
    public static IReadOnlyList<(string Name, string Code)> For(string gateway)
    {
        var address = gateway.TrimEnd('/');
        return
        [
            ("curl",
                $"""
                curl -s -X POST -H "X-API-Key: $VALIDONX_KEY" \
                  "{address}/v1/integration/licenses/$VALIDONX_LICENSE/validate"
                """),
            ("C#",
                $$"""
                using System.Net.Http.Json;
                using System.Text.Json;

                using var http = new HttpClient { BaseAddress = new Uri("{{address}}") };
                http.DefaultRequestHeaders.Add("X-API-Key", Environment.GetEnvironmentVariable("VALIDONX_KEY"));
                var license = Uri.EscapeDataString(Environment.GetEnvironmentVariable("VALIDONX_LICENSE")!);
                using var answer = await http.PostAsync($"/v1/integration/licenses/{license}/validate", null);
                Console.WriteLine((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data"));
                """),
            ("JavaScript",
                $$"""
                const license = encodeURIComponent(process.env.VALIDONX_LICENSE);
                fetch(`{{address}}/v1/integration/licenses/${license}/validate`, {
                  method: "POST",
                  headers: { "X-API-Key": process.env.VALIDONX_KEY },
                }).then(async (answer) => console.log(JSON.stringify((await answer.json()).data)));
                """),
            ("Python",
                $$"""
                import json, os, urllib.parse, urllib.request

                license = urllib.parse.quote(os.environ["VALIDONX_LICENSE"], safe="")
                request = urllib.request.Request(
                    f"{{address}}/v1/integration/licenses/{license}/validate",
                    method="POST",
                    headers={"X-API-Key": os.environ["VALIDONX_KEY"]},
                )
                with urllib.request.urlopen(request) as answer:
                    print(json.dumps(json.load(answer)["data"]))
                """),
        ];
    }
}
