using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ValidonX.Tests.LicensingApi.Payments;

/// <summary>
/// A server that stands in for Stripe: it knows its key, keeps answers under idempotency keys and refuses another request under one, refuses parameters that
/// Stripe does not have, and counts what it was asked to make.
/// </summary>
internal sealed partial class StripeStandIn : IAsyncDisposable
{
    public const string SecretKey = "sk_test_stand_in_0123456789abcdef";
    public const string WebhookSecret = "whsec_stand_in_0123456789abcdef";

    private readonly Lock _books = new();
    private readonly WebApplication _app;
    private readonly Dictionary<string, JsonObject> _things = [];
    private readonly Dictionary<string, (string Request, int Status, string Answer)> _answers = [];
    private readonly ConcurrentDictionary<string, Held> _held = new();
    private int _made;

    private StripeStandIn(WebApplication app)
    {
        _app = app;
        app.Run(AnswerAsync);
    }

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>Refuses everything while it is set.</summary>
    public bool IsAway { get; set; }

    /// <summary>A card that is declined when it is charged.</summary>
    public static string DeclinedCard => "pm_declined";

    /// <summary>What makes a service use it.</summary>
    public Dictionary<string, string?> Settings => new()
    {
        ["Billing:Stripe:SecretKey"] = SecretKey,
        ["Billing:Stripe:WebhookSecret"] = WebhookSecret,
        ["Billing:Stripe:ApiBase"] = Address,
        ["Billing:Stripe:ReturnUrl"] = "https://portal.example/billing",
    };

    public static async Task<StripeStandIn> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        var stripe = new StripeStandIn(builder.Build());
        await stripe._app.StartAsync();
        return stripe;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var held in _held.Values)
        {
            held.Release();
        }

        await _app.DisposeAsync();
    }

    /// <summary>What it has of a kind whose member is this.</summary>
    public IReadOnlyList<JsonObject> Of(string kind, string member, string value)
    {
        lock (_books)
        {
            return [.. _things.Values.Where(thing => (string?)thing["object"] == kind && (string?)thing[member] == value).Select(thing => thing.DeepClone().AsObject())];
        }
    }

    /// <summary>The payments that were begun for an invoice.</summary>
    public IReadOnlyList<JsonObject> PaymentsOf(Guid invoice)
    {
        lock (_books)
        {
            return [.. _things.Values.Where(thing => (string?)thing["object"] == "payment_intent" && (string?)thing["metadata"]?["validonx_invoice"] == invoice.ToString()).Select(thing => thing.DeepClone().AsObject())];
        }
    }

    /// <summary>Withholds the answer of the next such call, whose effect is done.</summary>
    public Held Hold(string call) => _held[call] = new Held();

    /// <summary>Somebody pays on an open page.</summary>
    public JsonObject Pay(string url, string card = "pm_card_visa", string? currency = null, long? cents = null, Guid? invoice = null)
    {
        lock (_books)
        {
            var session = _things.Values.Single(thing => (string?)thing["url"] == url);
            Assert.Equal("open", (string?)session["status"]);
            var payment = (string?)session["payment_intent"] is { } known ? _things[known] : Begin(
                (string)session["customer"]!,
                cents ?? (long)session["amount_total"]!,
                currency ?? (string)session["currency"]!,
                session["payment_intent_data"]!["metadata"]!.DeepClone().AsObject(),
                (string?)session["payment_intent_data"]!["setup_future_usage"]);
            if (invoice is { } other)
            {
                payment["metadata"]!["validonx_invoice"] = other.ToString();
            }

            session["payment_intent"] = (string)payment["id"]!;
            if (Charge(payment, card))
            {
                session["status"] = "complete";
                session["payment_status"] = "paid";
            }

            return payment.DeepClone().AsObject();
        }
    }

    /// <summary>Somebody pays something that we did not ask for.</summary>
    public JsonObject PayDirectly(string customer, long cents, JsonObject metadata)
    {
        lock (_books)
        {
            var payment = Begin(customer, cents, "usd", metadata, null);
            Charge(payment, "pm_card_visa");
            return payment.DeepClone().AsObject();
        }
    }

    /// <summary>Pays back some of a payment in all; its charge.</summary>
    public JsonObject Refund(JsonObject payment, long cents)
    {
        lock (_books)
        {
            var charge = _things[(string)_things[(string)payment["id"]!]["latest_charge"]!];
            charge["amount_refunded"] = cents;
            return charge.DeepClone().AsObject();
        }
    }

    /// <summary>A day passes.</summary>
    public void ForgetKeys()
    {
        lock (_books)
        {
            _answers.Clear();
        }
    }

    /// <summary>Lets the page of an invoice run out.</summary>
    public void Expire(string url)
    {
        lock (_books)
        {
            _things.Values.Single(thing => (string?)thing["url"] == url)["status"] = "expired";
        }
    }

    /// <summary>An event as Stripe writes it.</summary>
    public string Event(string type, JsonObject about, string? id = null, bool live = false, int padding = 0) =>
        new JsonObject
        {
            ["id"] = id ?? Id("evt"),
            ["object"] = "event",
            ["api_version"] = "2026-01-28.clover",
            ["created"] = Now,
            ["data"] = new JsonObject { ["object"] = about.DeepClone(), ["padding"] = new string('x', padding) },
            ["livemode"] = live,
            ["pending_webhooks"] = 1,
            ["request"] = new JsonObject { ["id"] = null, ["idempotency_key"] = null },
            ["type"] = type,
        }.ToJsonString();

    /// <summary>The header that Stripe signs a body with, written by its documentation.</summary>
    public static string Sign(string body, DateTimeOffset? at = null, string secret = WebhookSecret)
    {
        var time = (at ?? DateTimeOffset.UtcNow).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"t={time},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{body}")))}";
    }

    private static long Now => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    private string Id(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}_{Interlocked.Increment(ref _made)}_{Guid.NewGuid():N}");

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var form = request.HasFormContentType ? (await request.ReadFormAsync()).ToDictionary(field => field.Key, field => field.Value.ToString()) : [];
        var (status, answer) = (500, """{"error":{"type":"api_error","message":"Away."}}""");
        if (!IsAway)
        {
            (status, answer) = request.Headers.Authorization == $"Bearer {SecretKey}"
                ? AnswerOnce(request, form)
                : (401, """{"error":{"type":"invalid_request_error","message":"Invalid API Key provided."}}""");
        }

        var path = request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (_held.TryGetValue($"{request.Method} {path[1]}", out var held))
        {
            await held.WaitAsync();
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers["Request-Id"] = Id("req");
        await context.Response.WriteAsync(answer, CancellationToken.None);
    }

    private (int Status, string Answer) AnswerOnce(HttpRequest request, Dictionary<string, string> form)
    {
        lock (_books)
        {
            var key = request.Headers["Idempotency-Key"].ToString();
            var asked = $"{request.Path} {string.Join('&', form.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key}={field.Value}"))}";
            if (request.Method == "POST" && _answers.TryGetValue(key, out var known))
            {
                return known.Request == asked ? (known.Status, known.Answer) : (400, """{"error":{"type":"idempotency_error","message":"Keys can only be used with the same parameters."}}""");
            }

            var (status, answer) = Do(request, form);
            if (request.Method == "POST" && key.Length > 0)
            {
                _answers[key] = (asked, status, answer.ToJsonString());
            }

            return (status, answer.ToJsonString());
        }
    }

    /// <summary>A call whose answer is withheld.</summary>
    internal sealed class Held
    {
        private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>It is there.</summary>
        public Task Arrived => _arrived.Task;

        /// <summary>Lets all such calls go.</summary>
        public void Release() => _released.TrySetResult();

        public Task WaitAsync()
        {
            _arrived.TrySetResult();
            return _released.Task;
        }
    }
}
