using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace ValidonX.Tests.LicensingApi.Payments;

/// <summary>The calls that the stand-in answers.</summary>
internal sealed partial class StripeStandIn
{
    [GeneratedRegex(@"^(name|email|metadata\[validonx_tenant\])$")]
    private static partial Regex CustomerFields { get; }

    [GeneratedRegex(
        @"^(mode|customer|client_reference_id|success_url|cancel_url|adaptive_pricing\[enabled\]|line_items\[0\]\[(quantity|price_data\]\[(currency|unit_amount|product_data\]\[name))\]|payment_intent_data\[(description|setup_future_usage|metadata\]\[validonx_(tenant|invoice))\])$")]
    private static partial Regex SessionFields { get; }

    [GeneratedRegex(@"^(amount|currency|customer|payment_method|off_session|confirm|description|metadata\[validonx_(tenant|invoice|charge)\])$")]
    private static partial Regex PaymentFields { get; }

    private (int Status, JsonObject Answer) Do(HttpRequest request, Dictionary<string, string> form)
    {
        var path = request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries)[1..];
        return (request.Method, path) switch
        {
            ("POST", ["customers"]) => Checked(form, CustomerFields, MakeCustomer),
            ("POST", ["customers", var id]) => Checked(form, CustomerFields, fields => ChangeCustomer(id, fields)),
            ("GET", ["customers", var id]) => Find(id),
            ("POST", ["checkout", "sessions"]) => Checked(form, SessionFields, MakeSession),
            ("GET", ["checkout", "sessions", var id]) => Find(id),
            ("POST", ["checkout", "sessions", var id, "expire"]) => Close(id),
            ("POST", ["billing_portal", "sessions"]) => (200, new JsonObject { ["id"] = Id("bps"), ["object"] = "billing_portal.session", ["url"] = $"https://billing.stripe.example/p/{form["customer"]}" }),
            ("POST", ["payment_intents"]) => Checked(form, PaymentFields, MakePayment),
            ("GET", ["payment_intents"]) => List(request.Query["customer"].ToString()),
            ("GET", ["payment_intents", var id]) => Find(id, request.Query.ContainsKey("expand[0]")),
            _ => Refuse(404, "unknown_route"),
        };
    }

    private static (int Status, JsonObject Answer) Refuse(int status, string code) =>
        (status, new JsonObject { ["error"] = new JsonObject { ["type"] = "invalid_request_error", ["code"] = code, ["message"] = code } });

    private static (int Status, JsonObject Answer) Checked(Dictionary<string, string> form, Regex fields, Func<Dictionary<string, string>, (int, JsonObject)> make) =>
        form.Keys.FirstOrDefault(field => !fields.IsMatch(field)) is { } unknown ? Refuse(400, $"parameter_unknown: {unknown}") : make(form);

    private (int Status, JsonObject Answer) Keep(JsonObject thing)
    {
        _things[(string)thing["id"]!] = thing;
        return (200, thing);
    }

    private (int Status, JsonObject Answer) Find(string id, bool withCharge = false)
    {
        if (!_things.TryGetValue(id, out var thing))
        {
            return Refuse(404, "resource_missing");
        }

        var answer = thing.DeepClone().AsObject();
        if (withCharge && (string?)answer["latest_charge"] is { } charge)
        {
            answer["latest_charge"] = _things[charge].DeepClone();
        }

        return (200, answer);
    }

    private (int Status, JsonObject Answer) MakeCustomer(Dictionary<string, string> form) =>
        Keep(new JsonObject
        {
            ["id"] = Id("cus"),
            ["object"] = "customer",
            ["created"] = Now,
            ["livemode"] = false,
            ["tenant"] = form["metadata[validonx_tenant]"],
            ["metadata"] = new JsonObject { ["validonx_tenant"] = form["metadata[validonx_tenant]"] },
            ["invoice_settings"] = new JsonObject { ["default_payment_method"] = null },
        });

    private (int Status, JsonObject Answer) ChangeCustomer(string id, Dictionary<string, string> form)
    {
        foreach (var (name, value) in form)
        {
            _things[id][name] = value;
        }

        return Find(id);
    }

    /// <summary>Somebody chooses a card on the page for cards; the customer.</summary>
    public JsonObject Choose(string customer, string card)
    {
        lock (_books)
        {
            _things[customer]["invoice_settings"]!["default_payment_method"] = card;
            return _things[customer].DeepClone().AsObject();
        }
    }

    private (int Status, JsonObject Answer) MakeSession(Dictionary<string, string> form)
    {
        const string Price = "line_items[0][price_data]";
        if (form["mode"] != "payment" || form["adaptive_pricing[enabled]"] != "false" || form["line_items[0][quantity]"] != "1" || !_things.ContainsKey(form["customer"]) || form[$"{Price}[currency]"].Any(char.IsUpper) || form[$"{Price}[product_data][name]"].Length == 0)
        {
            return Refuse(400, "parameter_invalid");
        }

        var id = Id("cs_test");
        return Keep(new JsonObject
        {
            ["id"] = id,
            ["object"] = "checkout.session",
            ["mode"] = "payment",
            ["status"] = "open",
            ["payment_status"] = "unpaid",
            ["url"] = $"https://checkout.stripe.example/c/pay/{id}",
            ["created"] = Now,
            ["expires_at"] = Now + 86_400,
            ["livemode"] = false,
            ["customer"] = form["customer"],
            ["client_reference_id"] = form["client_reference_id"],
            ["amount_total"] = long.Parse(form[$"{Price}[unit_amount]"], CultureInfo.InvariantCulture),
            ["currency"] = form[$"{Price}[currency]"],
            ["payment_intent"] = null,
            ["payment_intent_data"] = new JsonObject
            {
                ["setup_future_usage"] = form.GetValueOrDefault("payment_intent_data[setup_future_usage]"),
                ["metadata"] = new JsonObject
                {
                    ["validonx_tenant"] = form["payment_intent_data[metadata][validonx_tenant]"],
                    ["validonx_invoice"] = form["payment_intent_data[metadata][validonx_invoice]"],
                },
            },
        });
    }

    private (int Status, JsonObject Answer) Close(string id)
    {
        if ((string?)_things[id]["status"] != "open")
        {
            return Refuse(400, "not_open");
        }

        _things[id]["status"] = "expired";
        _things[id]["url"] = null;
        return Find(id);
    }

    private (int Status, JsonObject Answer) MakePayment(Dictionary<string, string> form)
    {
        if (form["off_session"] != "true" || form["confirm"] != "true")
        {
            return Refuse(400, "parameter_invalid");
        }

        var payment = Begin(
            form["customer"],
            long.Parse(form["amount"], CultureInfo.InvariantCulture),
            form["currency"],
            new JsonObject { ["validonx_tenant"] = form["metadata[validonx_tenant]"], ["validonx_invoice"] = form["metadata[validonx_invoice]"], ["validonx_charge"] = form["metadata[validonx_charge]"] },
            null);
        return Charge(payment, form["payment_method"])
            ? (200, payment)
            : (402, new JsonObject { ["error"] = new JsonObject { ["type"] = "card_error", ["code"] = "card_declined", ["decline_code"] = "insufficient_funds", ["message"] = "Declined.", ["payment_intent"] = payment.DeepClone() } });
    }

    private (int Status, JsonObject Answer) List(string customer) =>
        (200, new JsonObject
        {
            ["object"] = "list",
            ["has_more"] = false,
            ["url"] = "/v1/payment_intents",
            ["data"] = new JsonArray([.. _things.Values.Where(thing => (string?)thing["object"] == "payment_intent" && (string?)thing["customer"] == customer).Select(thing => thing.DeepClone())]),
        });

    private JsonObject Begin(string customer, long cents, string currency, JsonObject metadata, string? futureUse)
    {
        var payment = new JsonObject
        {
            ["id"] = Id("pi"),
            ["object"] = "payment_intent",
            ["amount"] = cents,
            ["amount_received"] = 0,
            ["currency"] = currency,
            ["customer"] = customer,
            ["created"] = Now,
            ["livemode"] = false,
            ["metadata"] = metadata,
            ["status"] = "requires_payment_method",
            ["last_payment_error"] = null,
            ["latest_charge"] = null,
            ["payment_method"] = null,
            ["setup_future_usage"] = futureUse,
        };
        Keep(payment);
        return payment;
    }

    private bool Charge(JsonObject payment, string card)
    {
        if (card == DeclinedCard)
        {
            payment["last_payment_error"] = new JsonObject { ["type"] = "card_error", ["code"] = "card_declined", ["decline_code"] = "insufficient_funds", ["message"] = "Declined." };
            return false;
        }

        var charge = new JsonObject
        {
            ["id"] = Id("ch"),
            ["object"] = "charge",
            ["amount"] = (long)payment["amount"]!,
            ["amount_refunded"] = 0,
            ["currency"] = (string)payment["currency"]!,
            ["created"] = Now,
            ["paid"] = true,
            ["payment_intent"] = (string)payment["id"]!,
        };
        Keep(charge);
        payment["status"] = "succeeded";
        payment["amount_received"] = (long)payment["amount"]!;
        payment["latest_charge"] = (string)charge["id"]!;
        payment["payment_method"] = card;
        payment["last_payment_error"] = null;
        return true;
    }
}
