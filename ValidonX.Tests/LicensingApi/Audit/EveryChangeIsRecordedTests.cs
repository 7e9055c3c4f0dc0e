using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dapper;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OtpNet;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Keys;
using ValidonX.Platform.Secrets;
using ValidonX.Tests.EndToEnd;
using ValidonX.Tests.LicensingApi.Accounts;
using ValidonX.Tests.LicensingApi.Billing;
using ValidonX.Tests.LicensingApi.Branding;
using ValidonX.Tests.LicensingApi.Bulk;
using ValidonX.Tests.LicensingApi.Customers;
using ValidonX.Tests.LicensingApi.Domains;
using ValidonX.Tests.LicensingApi.Mail;
using ValidonX.Tests.LicensingApi.Operators;
using ValidonX.Tests.LicensingApi.Plans;

namespace ValidonX.Tests.LicensingApi.Audit;

/// <summary>
/// Every operation that is no GET is called once with success, and what it did is in the audit log under its request's id, with what it changed; or it is written here why not. An
/// operation that is added and not called here fails the test.
/// </summary>
[Collection(LicensingCollection.Name)]
public sealed partial class EveryChangeIsRecordedTests(LicensingPlatform platform)
{
    /// <summary>Operations that leave no row of their own.</summary>
    private static readonly Dictionary<string, string> Unrecorded = new(StringComparer.Ordinal)
    {
        ["validateLicense"] = "It reads; last_used_at is kept without a write for each request.",
        ["validateActivation"] = "It reads.",
        ["heartbeatActivation"] = "It keeps what there is, every few minutes for each seat; one that comes too late is recorded as the activation that it is, which FloatingTests count.",
        ["checkEntitlements"] = "It reads.",
        ["resolveLicense"] = "It reads.",
        ["verifyAuditLog"] = "It reads.",
        ["verifyPlatformAuditLog"] = "It reads.",
        ["checkSso"] = "It asks the issuer, and changes nothing.",
        ["recordUsage"] = "Usage events are themselves a record that nothing changes, a million times as many as anything else.",
        ["recordUsageBatch"] = "As recordUsage. A threshold that is passed is recorded as usage.threshold_reached, which UsageBatchTests count.",
        ["reconcileUsage"] = "It reads. A repair is recorded as usage.repaired, which UsageBatchTests count.",
    };

    /// <summary>Operations that anyone can call at will: they are counted (decision 13), without a request's id.</summary>
    private static readonly Dictionary<string, string> Counted = new(StringComparer.Ordinal)
    {
        ["register"] = "user.registration_requested",
        ["resendVerification"] = "user.verification_requested",
        ["forgotPassword"] = "user.password_reset_requested",
        ["forgotOperatorPassword"] = "operator.password_reset_requested",
        ["sendCustomerCode"] = "customer.code_requested",
    };

    /// <summary>Operations that are recorded and change nothing that could be told before and after.</summary>
    private static readonly Dictionary<string, string> Unchanging = new(StringComparer.Ordinal)
    {
        ["flushTenantCaches"] = "What is read anew is what was there.",
        ["changeEmail"] = "Nothing is changed before the new address is proved; then confirmEmail is recorded.",
    };

    /// <summary>Operations that need a payment provider, an issuer or an authenticator, and whose rows are seen where there is one.</summary>
    private static readonly Dictionary<string, string> Elsewhere = new(StringComparer.Ordinal)
    {
        ["openCheckout"] = "CheckoutTests count billing.checkout_opened. Nothing of ours is changed before the money comes.",
        ["openBillingPortal"] = "CheckoutTests count billing.portal_opened. It changes nothing of ours.",
        ["receiveStripeEvent"] = "CheckoutTests count what comes of the events: invoice.paid, payment.unapplied, payment.refunded, billing.card_kept, and so on.",
        ["beginPasskey"] = "It asks, and changes nothing.",
        ["beginOperatorPasskey"] = "It asks, and changes nothing.",
        ["askForPasskey"] = "It asks, and changes nothing.",
        ["askForOperatorPasskey"] = "It asks, and changes nothing.",
        ["addPasskey"] = "PasskeyTests count user.passkey_added.",
        ["renamePasskey"] = "PasskeyTests count user.passkey_renamed.",
        ["deletePasskey"] = "PasskeyTests count user.passkey_deleted.",
        ["addOperatorPasskey"] = "The same code as addPasskey, for another owner.",
        ["renameOperatorPasskey"] = "The same code as renamePasskey, for another owner.",
        ["deleteOperatorPasskey"] = "The same code as deletePasskey, for another owner.",
        ["logInWithPasskey"] = "PasskeyTests count user.logged_in.",
        ["logInOperatorWithPasskey"] = "It is recorded as logInOperator is, by the same code.",
        ["startSso"] = "It asks, and changes nothing.",
        ["completeSso"] = "SingleSignOnTests count sso.logged_in.",
        ["replaceSso"] = "SingleSignOnTests count sso.changed.",
        ["forgetSsoUser"] = "SingleSignOnTests count sso.user_forgotten.",
        ["removeSso"] = "SingleSignOnTests count sso.removed.",
    };

    private readonly HashSet<string> _called = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Guid> _requests = new(StringComparer.Ordinal);
    private readonly List<LicensedTenant> _tenants = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_is_changed_is_recorded_with_what_it_changed()
    {
        await UsersAsync();
        await SecondFactorsAsync();
        await OperatorsAsync();
        await MembersAsync();
        await TenantAsync();
        await BillingAsync();
        await TenantsOfOperatorsAsync();
        await PlatformAsync();
        await platform.Replicas[0].Services.GetRequiredService<CountedAudit>().FlushAsync(everything: true, Cancellation);

        var writes = Endpoints().Where(endpoint => endpoint.Method != "GET").Select(endpoint => endpoint.Id).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(writes.Order(StringComparer.Ordinal), _called.Concat(Unrecorded.Keys).Concat(Elsewhere.Keys).Distinct().Order(StringComparer.Ordinal));
        var recorded = await RecordedAsync();
        var wrong = new List<string>();
        foreach (var (operation, request) in _requests.Where(one => !Unrecorded.ContainsKey(one.Key)))
        {
            if (Counted.TryGetValue(operation, out var action))
            {
                if (await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE action = @action", new { action }) == 0)
                {
                    wrong.Add($"{operation} is not counted");
                }

                continue;
            }

            var told = recorded[request.ToString()].ToList();
            if (told.Count == 0)
            {
                wrong.Add($"{operation} is not recorded");
            }
            else if (!Unchanging.ContainsKey(operation) && !told.Exists(data => data["before"] is not null || data["after"] is not null))
            {
                wrong.Add($"{operation} does not tell what it changed: {told[0].ToJsonString()}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    private async Task UsersAsync()
    {
        var mailbox = new Mailbox(platform.Operator(), TestUser.NewAddress());
        await DoAsync("register", platform.Anonymous(), "/v1/auth/register", new { name = "Ada", email = mailbox.Address, password = TestUser.Password });
        await DoAsync("resendVerification", platform.Anonymous(), "/v1/auth/email/resend", new { email = mailbox.Address });
        var verified = await DoAsync("verifyEmail", platform.Anonymous(), "/v1/auth/email/verify", new { token = await mailbox.TokenAsync() });
        Assert.True(AccessToken.TryParse((string?)verified.Data["token"], out var token));
        var user = new TestUser(platform, mailbox.Address, Guid.Parse((string)verified.Data["user"]!["id"]!), token);
        await DoAsync("changeProfile", user.Here, "/v1/account/profile", new { name = "Grace" });
        var made = await DoAsync("createOwnToken", user.Here, "/v1/account/tokens", new { name = "laptop" });
        await DoAsync("revokeOwnToken", user.Here, $"/v1/account/tokens/{made.Data["id"]}");
        await DoAsync("changePassword", user.Here, "/v1/account/password", new { current_password = TestUser.Password, password = "a new and good one" });
        await DoAsync("forgotPassword", platform.Anonymous(), "/v1/auth/forgot-password", new { email = mailbox.Address });
        await DoAsync("resetPassword", platform.Anonymous(), "/v1/auth/reset-password", new { token = await mailbox.TokenAsync(), password = TestUser.Password });
        var login = await DoAsync("logIn", platform.Anonymous(), "/v1/auth/login", new { email = mailbox.Address, password = TestUser.Password });
        Assert.True(AccessToken.TryParse((string?)login.Data["token"], out token));
        user = user with { Token = token };
        var other = new Mailbox(platform.Operator(), TestUser.NewAddress());
        await DoAsync("changeEmail", user.Here, "/v1/account/email", new { email = other.Address, password = TestUser.Password });
        await DoAsync("confirmEmail", platform.Anonymous(), "/v1/auth/email/change", new { token = await other.TokenAsync() });
        await DoAsync("logOut", user.Here, "/v1/auth/logout");
        Assert.True(AccessToken.TryParse((string?)(await (user with { Email = other.Address }).LogInAsync()).ShouldBe(200).Data["token"], out token));
        await DoAsync("deleteAccount", (user with { Token = token }).Here, "/v1/account", new { password = TestUser.Password });
    }

    private async Task SecondFactorsAsync()
    {
        var user = await TestUser.CreateAsync(platform);
        var one = await TestOperator.CreateAsync(platform);
        var login = await DoAsync("logInOperator", platform.Anonymous(), "/auth/login", new { email = one.Email, password = TestOperator.Password });
        var @operator = (one with { Token = TestOperator.TokenOf(login) }).Here;
        foreach (var (whose, caller, path) in new[] { ("", user.Here, "/v1/account/two-factor"), ("Operator", @operator, "/auth/two-factor") })
        {
            var secret = Base32Encoding.ToBytes((string)(await DoAsync($"begin{whose}TwoFactor", caller, path)).Data["secret"]!);
            var codes = (await DoAsync($"confirm{whose}TwoFactor", caller, $"{path}/confirm", new { otp = new Totp(secret).ComputeTotp() })).Data["recovery_codes"]!.AsArray();
            codes = (await DoAsync($"renew{whose}RecoveryCodes", caller, $"{path}/recovery-codes", new { otp = (string)codes[0]! })).Data["recovery_codes"]!.AsArray();
            await DoAsync($"remove{whose}TwoFactor", caller, path, new { otp = (string)codes[0]! });
        }

        var again = Base32Encoding.ToBytes((string)(await user.Here.PostAsync("/v1/account/two-factor")).ShouldBe(201).Data["secret"]!);
        (await user.Here.PostAsync("/v1/account/two-factor/confirm", new { otp = new Totp(again).ComputeTotp() })).ShouldBe(200);
        await DoAsync("removeTwoFactorOfUser", @operator, $"/v1/admin/users/{user.Id}/two-factor");
        await DoAsync("logOutOperator", @operator, "/auth/logout");
    }

    private async Task OperatorsAsync()
    {
        var configured = await TestOperator.ConfiguredAsync(platform);
        var mailbox = new Mailbox(platform.Operator(), TestOperator.NewAddress());
        var id = Guid.Parse((string)(await DoAsync("inviteOperator", configured, TestOperator.Path, new { email = mailbox.Address, name = "Grace" })).Data["operator"]!["id"]!);
        var path = $"{TestOperator.Path}/{id}";
        await DoAsync("resendOperatorInvitation", configured, $"{path}/resend");
        var accepted = await DoAsync("acceptOperatorInvitation", platform.Anonymous(), "/auth/invitations/accept", new { token = await mailbox.TokenAsync(), password = TestOperator.Password });
        var one = new TestOperator(platform, mailbox.Address, id, TestOperator.TokenOf(accepted));
        await DoAsync("changeOperatorPassword", one.Here, "/auth/password", new { current_password = TestOperator.Password, password = "a new and good one" });
        await DoAsync("forgotOperatorPassword", platform.Anonymous(), "/auth/forgot-password", new { email = one.Email });
        await DoAsync("resetOperatorPassword", platform.Anonymous(), "/auth/reset-password", new { token = await mailbox.TokenAsync(), password = TestOperator.Password });
        await DoAsync("renameOperator", configured, path, new { name = "Ada" });
        await DoAsync("disableOperator", configured, $"{path}/disable");
        await DoAsync("enableOperator", configured, $"{path}/enable");
    }

    private async Task MembersAsync()
    {
        var tenant = await NewTenantAsync();
        var user = await TestUser.CreateAsync(platform);
        var stranger = new Mailbox(platform.Operator(), TestUser.NewAddress());
        var invited = await DoAsync("inviteMember", tenant.Owner, "/v1/tenant/members", new { email = stranger.Address, role = "viewer" });
        var path = $"/v1/tenant/members/{invited.Data["member"]!["id"]}";
        await DoAsync("resendInvitation", tenant.Owner, $"{path}/resend");
        await DoAsync("acceptInvitation", platform.Anonymous(), "/v1/auth/invitations/accept", new { token = await stranger.TokenAsync(), name = "Grace", password = TestUser.Password });
        await DoAsync("changeMember", tenant.Owner, path, new { role = "admin" });
        await DoAsync("removeMember", tenant.Owner, path);
        await DoAsync("inviteMemberOfTenant", platform.Operator(), $"/v1/admin/tenants/{tenant.Id}/members", new { email = user.Email, role = "viewer" });
        await DoAsync("declineOwnInvitation", user.Here, $"/v1/account/invitations/{await InvitationAsync(user)}");
        (await tenant.Owner.PostAsync("/v1/tenant/members", new { email = user.Email, role = "viewer" })).ShouldBe(201);
        await DoAsync("acceptOwnInvitation", user.Here, $"/v1/account/invitations/{await InvitationAsync(user)}/accept");
        await DoAsync("leaveTenant", user.Here, $"/v1/account/tenants/{tenant.Id}");

        static async Task<string> InvitationAsync(TestUser user) => (string)(await user.Here.GetAsync("/v1/account/invitations")).ShouldBe(200).Data[0]!["id"]!;
    }

    private async Task TenantAsync()
    {
        var tenant = await NewTenantAsync();
        var product = (await DoAsync("createProduct", tenant.Owner, "/v1/tenant/products", new { code = "one", name = "One" })).Data["product"]!;
        await DoAsync("replaceProductPolicy", tenant.Owner, $"/v1/tenant/products/{product["id"]}/policy", new { grace_days = 3 });
        await DoAsync("deleteProduct", tenant.Owner, $"/v1/tenant/products/{product["id"]}");
        var license = (await DoAsync("createLicense", tenant.Owner, "/v1/tenant/licenses", new { type = "subscription", expires_at = "2099-01-01T00:00:00Z" })).Data["license"]!;
        var path = $"/v1/tenant/licenses/{license["id"]}";
        var activation = (await DoAsync("activate", tenant.App, "/v1/integration/activations", new { license_key = (string)license["key"]!, instance_id = "one" })).Data["activation"]!;
        await DoAsync("revokeActivation", tenant.Owner, $"/v1/tenant/activations/{activation["id"]}");
        var second = (await tenant.App.ActivateAsync((string)license["key"]!, "two")).ShouldBe(201).Data["activation"]!;
        await DoAsync("releaseActivation", tenant.App, $"/v1/integration/activations/{second["id"]}");
        await DoAsync("replaceLicensePolicy", tenant.Owner, $"{path}/policy", new { grace_days = 3 });
        await DoAsync("transferLicense", tenant.Owner, $"{path}/transfer", new { customer = new { name = "Other" } });
        await DoAsync("suspendLicense", tenant.Owner, $"{path}/suspend");
        await DoAsync("reinstateLicense", tenant.Owner, $"{path}/reinstate");
        await DoAsync("replaceLicenseEntitlements", tenant.Owner, $"{path}/entitlements", new { entitlements = new { pdf = true } });
        await DoAsync("renewLicense", tenant.Owner, $"{path}/renew", new { expires_at = "2098-01-01T00:00:00Z" });
        var file = await DoAsync("createLicenseFile", tenant.Owner, $"{path}/file", new { days = 3 });
        await DoAsync("revokeLicenseFile", tenant.Owner, $"{path}/files/{file.Data["id"]}/revoke");
        var signing = (await DoAsync("rotateSigningKey", tenant.Owner, "/v1/tenant/signing-keys/rotate")).Data["signing_key"]!;
        await DoAsync("revokeSigningKey", tenant.Owner, $"/v1/tenant/signing-keys/{signing["id"]}/revoke");
        await DoAsync("revokeLicense", tenant.Owner, $"{path}/revoke");
        await DoAsync("importLicenses", tenant.Owner, Upload.Path, Upload.Content(new MemoryStream("{}"u8.ToArray()), Upload.Lines));
        var change = (await DoAsync("changeLicenses", tenant.Owner, "/v1/tenant/licenses/bulk", new { action = "suspend", filter = new { status = "active" } })).Data["job"]!;
        await DoAsync("cancelLicenseChange", tenant.Owner, $"/v1/tenant/licenses/bulk/{change["id"]}/cancel");
        var key = await DoAsync("createApiKey", tenant.Owner, "/v1/tenant/api-keys", new { name = "k" });
        await DoAsync("limitApiKey", platform.Operator(), $"/v1/admin/tenants/{tenant.Id}/api-keys/{key.Data["id"]}/rate-limit", new { requests = 5, period_seconds = 1 });
        var next = await DoAsync("rotateApiKey", tenant.Owner, $"/v1/tenant/api-keys/{key.Data["id"]}/rotate", new { overlap_seconds = 60 });
        await DoAsync("revokeApiKey", tenant.Owner, $"/v1/tenant/api-keys/{next.Data["id"]}");
        await DoAsync("changeSettings", tenant.Owner, "/v1/tenant/settings", new { locale = "de" }, ("If-Match", "*"));
        await DoAsync("replaceBranding", tenant.Owner, "/v1/tenant/branding", new { display_name = "Other" }, ("If-Match", "*"));
        await DoAsync("replaceLogo", tenant.Owner, "/v1/tenant/branding/logo", new ByteArrayContent(BrandingTests.Png(32, 32)));
        await DoAsync("deleteLogo", tenant.Owner, "/v1/tenant/branding/logo");
        var domain = (await DoAsync("addDomain", tenant.Owner, "/v1/tenant/domains", new { host = DomainTests.NewHost() })).Data["domain"]!;
        platform.Dns.Set((string)domain["record"]!["name"]!, (string)domain["record"]!["value"]!);
        await DoAsync("verifyDomain", tenant.Owner, $"/v1/tenant/domains/{domain["id"]}/verify");
        await DoAsync("removeDomain", tenant.Owner, $"/v1/tenant/domains/{domain["id"]}");
        var taken = (await tenant.Owner.PostAsync("/v1/tenant/domains", new { host = DomainTests.NewHost() })).ShouldBe(201).Data["domain"]!;
        await DoAsync("removeDomainOfTenant", platform.Operator(), $"/v1/admin/tenants/{tenant.Id}/domains/{taken["id"]}");
        await WebhooksAsync(tenant);
        await CustomerAsync(tenant);
    }

    private async Task CustomerAsync(LicensedTenant tenant)
    {
        var mailbox = new Mailbox(platform.Operator(), TestUser.NewAddress());
        var license = await tenant.CreateLicenseAsync(new { customer = new { email = mailbox.Address } });
        var device = (await tenant.App.ActivateAsync(license.Key, "laptop")).ShouldBe(201).Data["activation"]!["id"];
        await DoAsync("sendCustomerCode", tenant.Customer, "/v1/customer/codes", new { license_key = license.Key });
        var code = await CustomerTests.CodeAsync(platform, mailbox.Address);
        var opened = await DoAsync("openCustomerSession", tenant.Customer, "/v1/customer/sessions", new { license_key = license.Key, code });
        var token = ("X-Customer-Token", (string)opened.Data["token"]!);
        await DoAsync("freeCustomerDevice", tenant.Customer, $"/v1/customer/activations/{device}", null, token);
        await DoAsync("endCustomerSession", tenant.Customer, "/v1/customer/sessions", null, token);
    }

    private async Task WebhooksAsync(LicensedTenant tenant)
    {
        var webhook = await DoAsync("createWebhook", tenant.Owner, "/v1/tenant/webhooks", new { url = "https://hooks.acme.example/", events = new[] { "*" } });
        var path = $"/v1/tenant/webhooks/{webhook.Data["id"]}";
        await DoAsync("changeWebhook", tenant.Owner, path, new { description = "Orders" });
        await DoAsync("rotateWebhookSecret", tenant.Owner, $"{path}/rotate-secret");
        var delivery = await DoAsync("testWebhook", tenant.Owner, $"{path}/test");
        await platform.ExecuteAsync("UPDATE webhook_deliveries SET status = 'failed' WHERE id = @id", new { id = (string)delivery.Data["id"]! });
        await DoAsync("redeliverWebhook", tenant.Owner, $"/v1/tenant/webhooks/deliveries/{delivery.Data["id"]}/redeliver");
        await DoAsync("replayWebhook", tenant.Owner, $"{path}/replay", new { from = "2026-01-01T00:00:00Z" });
        await DoAsync("deleteWebhook", tenant.Owner, path);
    }

    private async Task BillingAsync()
    {
        var clock = new MovableClock(DateTimeOffset.UtcNow);
        var tenants = new List<BilledTenant>();
        for (var i = 0; i < 2; i++)
        {
            tenants.Add(await BilledTenant.CreateAsync(platform, [platform.Replicas[0].Client], clock, isInvoiced: false));
            _tenants.Add(tenants[i].Licensed);
        }

        var (owner, admin) = (tenants[0].Owner, $"/v1/admin/tenants/{tenants[0].Id}/subscription");
        await DoAsync("replaceBillingDetails", owner, "/v1/billing/details", new { name = "Acme", address = "1 Main Street", country = "DE" });
        await DoAsync("changePlan", owner, "/v1/billing/subscription/change-plan", new { plan = "starter", when = "period_end" });
        await DoAsync("cancelSubscription", owner, "/v1/billing/subscription/cancel");
        await DoAsync("resumeSubscription", owner, "/v1/billing/subscription/resume");
        await DoAsync("changePlanOfTenant", platform.Operator(), $"{admin}/change-plan", new { plan = "enterprise", when = "period_end" });
        await DoAsync("cancelSubscriptionOfTenant", platform.Operator(), $"{admin}/cancel");
        await DoAsync("resumeSubscriptionOfTenant", platform.Operator(), $"{admin}/resume");
        await DoAsync("pauseSubscription", platform.Operator(), $"{admin}/pause");
        await DoAsync("unpauseSubscription", platform.Operator(), $"{admin}/unpause");
        (await tenants[1].Owner.PostAsync("/v1/billing/subscription/resume")).ShouldBe(200);
        var (first, second) = (await InvoiceAsync(tenants[0]), await InvoiceAsync(tenants[1]));
        await DoAsync("failInvoice", platform.Operator(), $"/v1/admin/invoices/{first}/fail", new { note = "declined" });
        await DoAsync("payInvoice", platform.Operator(), $"/v1/admin/invoices/{first}/pay", new { note = "transfer" });
        await DoAsync("voidInvoice", platform.Operator(), $"/v1/admin/invoices/{second}/void", new { note = "by mistake" });
        var payment = Guid.CreateVersion7();
        await platform.ExecuteAsync(
            """
            INSERT INTO payments (id, provider, reference, tenant_id, amount_cents, currency, status, reason, paid_at, created_at)
            VALUES (@payment, 'stripe', @payment, @Id, 100, 'usd', 'unapplied', 'no_invoice', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
            """,
            new { payment, tenants[1].Id });
        await DoAsync("creditPayment", platform.Operator(), $"/v1/admin/payments/{payment}/credit");
        var rate = await DoAsync("addTaxRate", platform.Operator(), "/v1/admin/tax-rates", new { country = "AQ", name = "Ice", basis_points = 100 });
        await DoAsync("endTaxRate", platform.Operator(), $"/v1/admin/tax-rates/{rate.Data["id"]}");

        static async Task<string> InvoiceAsync(BilledTenant tenant) => (string)(await tenant.Owner.GetAsync("/v1/billing/invoices")).ShouldBe(200).Data[0]!["id"]!;
    }

    private async Task TenantsOfOperatorsAsync()
    {
        var user = await TestUser.CreateAsync(platform);
        var own = (string)(await DoAsync("signUpTenant", user.Here, "/v1/onboarding/provision", new { name = $"Acme {Guid.NewGuid():N}"[..20] })).Data["tenant"]!["id"]!;
        await KeyAsync(own);
        await DoAsync("revealOwnFirstKey", user.Here, $"/v1/onboarding/provision/{own}/api-key/reveal");
        var created = await DoAsync("createTenant", platform.Operator(), "/v1/admin/tenants", new { name = $"Acme {Guid.NewGuid():N}"[..20], owner = new { email = TestUser.NewAddress() } });
        var id = (string)created.Data["tenant"]!["id"]!;
        var path = $"/v1/admin/tenants/{id}";
        await platform.ExecuteAsync(
            """
            UPDATE provisioning_stages s JOIN provisioning_runs r ON r.id = s.run_id SET s.attempts = 1, s.status = IF(s.number = 1, 'failed', 'pending') WHERE r.tenant_id = @id;
            UPDATE provisioning_runs SET status = 'failed', error = 'broken' WHERE tenant_id = @id;
            UPDATE jobs SET status = 'failed' WHERE tenant_id = @id
            """,
            new { id });
        await DoAsync("retryProvisioning", platform.Operator(), $"{path}/provision");
        await KeyAsync(id);
        await DoAsync("revealFirstKey", platform.Operator(), $"{path}/api-key/reveal");
        await platform.ExecuteAsync("UPDATE tenants SET status = 'active' WHERE id = @id", new { id });
        await DoAsync("reissueFirstKey", platform.Operator(), $"{path}/api-key/reissue");
        await DoAsync("updateTenant", platform.Operator(), path, new { name = "Other" });
        await DoAsync("suspendTenant", platform.Operator(), $"{path}/suspend");
        await DoAsync("reactivateTenant", platform.Operator(), $"{path}/reactivate");
        await DoAsync("flushTenantCaches", platform.Operator(), $"{path}/flush-caches");
        await DoAsync("replaceTenantAlertThresholds", platform.Operator(), $"{path}/alert-thresholds", new { noisy_requests = 500 });
        await AlertsAsync(id);
        await DoAsync("replaceRateLimits", platform.Operator(), $"{path}/rate-limits", new { tenant = new { requests = 500 } });
        var token = await DoAsync("createTokenForMember", platform.Operator(), $"{path}/tokens", new { name = "help" });
        await DoAsync("revokeTokenOfMember", platform.Operator(), $"{path}/tokens/{token.Data["id"]}");
        var rule = $"rule-{Guid.NewGuid():N}"[..20];
        await DoAsync("replaceComplianceRule", platform.Operator(), $"/v1/admin/compliance-rules/{rule}", new { name = "Here", allowed_regions = new[] { "local" } });
        await DoAsync("replaceTenantCompliance", platform.Operator(), $"{path}/compliance", new { rules = new[] { rule } });
        (await platform.Operator().PutAsync($"{path}/compliance", new { rules = Array.Empty<string>() })).ShouldBe(200);
        await DoAsync("deleteComplianceRule", platform.Operator(), $"/v1/admin/compliance-rules/{rule}");
        await DoAsync("closeTenant", platform.Operator(), $"{path}/close");
    }

    private async Task AlertsAsync(string tenant)
    {
        var id = Guid.CreateVersion7();
        await platform.ExecuteAsync(
            """
            INSERT INTO alerts (id, tenant_id, kind, severity, status, is_held, measured, threshold, peak, opened_at, last_seen_at)
            VALUES (@id, @tenant, 'error_rate', 'critical', 'open', 1, 50, 5, 50, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
            """,
            new { id, tenant });
        await DoAsync("acknowledgeAlert", platform.Operator(), $"/v1/admin/alerts/{id}/acknowledge");
        await DoAsync("closeAlert", platform.Operator(), $"/v1/admin/alerts/{id}/close");
        var own = await NewTenantAsync();
        await platform.ExecuteAsync("UPDATE alerts SET status = 'open', tenant_id = @owner WHERE id = @id", new { owner = own.Id, id });
        await DoAsync("acknowledgeOwnAlert", own.Owner, $"/v1/tenant/alerts/{id}/acknowledge");
    }

    private async Task PlatformAsync()
    {
        var tenant = await NewTenantAsync();
        var job = await platform.Databases.Platform.TransactAsync(
            async (transaction, token) =>
            {
                await JobQueue.EnqueueAsync(transaction, tenant.Id, "recorded", "{}", 1, token);
                return await transaction.Connection!.QuerySingleAsync<Guid>("SELECT id FROM jobs WHERE tenant_id = @Id AND kind = 'recorded'", new { tenant.Id }, transaction);
            },
            Cancellation);
        await DoAsync("cancelJob", platform.Operator(), $"/v1/admin/jobs/{job}/cancel");
        await DoAsync("retryJob", platform.Operator(), $"/v1/admin/jobs/{job}/retry");
        (await platform.Operator().PostAsync($"/v1/admin/jobs/{job}/cancel")).ShouldBe(200);
        var (plan, flag) = ($"p-{Guid.NewGuid():N}"[..20], $"flag-{Guid.NewGuid():N}"[..20]);
        await DoAsync("createPlan", platform.Operator(), "/v1/admin/plans", PlanEditorTests.Plan(plan));
        await DoAsync("replacePlan", platform.Operator(), $"/v1/admin/plans/{plan}", PlanEditorTests.Plan(plan, price: 100, version: 1));
        await DoAsync("replacePlanAlertThresholds", platform.Operator(), $"/v1/admin/plans/{plan}/alert-thresholds", new { quota_percent = 70 });
        await DoAsync("deletePlan", platform.Operator(), $"/v1/admin/plans/{plan}");
        await DoAsync("replaceFeatureFlag", platform.Operator(), $"/v1/admin/feature-flags/{flag}", new { @default = true });
        await DoAsync("deleteFeatureFlag", platform.Operator(), $"/v1/admin/feature-flags/{flag}");
        await DoAsync("changeServer", platform.Operator(), "/v1/admin/servers/one", new { capacity = 999 });
        (await platform.Operator().PatchAsync("/v1/admin/servers/one", new { capacity = (int?)null })).ShouldBe(200);
    }

    /// <summary>Calls an operation under a request's id of its own.</summary>
    private async Task<Answer> DoAsync(string operation, ApiCaller caller, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        var endpoint = Assert.Single(Endpoints(), endpoint => endpoint.Id == operation);
        Assert.Matches($"^{Parameter.Replace(endpoint.Pattern, "[^/]+")}$", path);
        var request = Guid.NewGuid();
        var answer = await caller.SendAsync(new HttpMethod(endpoint.Method), path, body, [("X-Request-ID", request.ToString()), .. headers]);
        Assert.True(answer.Status < 300, $"{operation}: {answer}");
        _called.Add(operation);
        _requests[operation] = request;
        return answer;
    }

    private async Task<LicensedTenant> NewTenantAsync()
    {
        var tenant = await platform.CreateTenantAsync();
        _tenants.Add(tenant);
        return tenant;
    }

    /// <summary>What is recorded by the ids of requests: in the audit log, and in the outboxes of the tenants from where it comes there.</summary>
    private async Task<ILookup<string, JsonNode>> RecordedAsync()
    {
        var told = new List<(string Request, string Data)>();
        await using (var connection = await platform.Databases.Platform.OpenAsync(Cancellation))
        {
            told.AddRange(await connection.QueryAsync<(string, string)>(
                "SELECT request_id, details FROM audit_logs WHERE request_id IN @ids", new { ids = _requests.Values.Select(request => request.ToString()) }));
        }

        foreach (var tenant in _tenants)
        {
            await using var scope = await platform.Databases.Tenants.OpenAsync(tenant.Placement, Cancellation);
            told.AddRange(await scope.Connection.QueryAsync<(string, string)>("SELECT request_id, data FROM outbox WHERE request_id IS NOT NULL"));
        }

        return told.ToLookup(row => row.Request, row => JsonNode.Parse(row.Data)!, StringComparer.Ordinal);
    }

    /// <summary>The key that provisioning makes, for tenants that nobody provisions here.</summary>
    private async Task KeyAsync(string tenant)
    {
        var services = platform.Replicas[0].Services;
        var (id, key) = (Guid.CreateVersion7(), ApiKeyText.Create());
        await platform.ExecuteAsync(
            """
            INSERT INTO api_keys (id, tenant_id, name, key_hash, hint, sealed_key, scopes, allowed_ips, status, provisioned, created_at)
            VALUES (@id, @tenant, 'First key', @hash, @hint, @sealedKey, '[]', '[]', 'active', 1, UTC_TIMESTAMP(6))
            """,
            new
            {
                id,
                tenant,
                hash = services.GetRequiredService<ApiKeyHasher>().Hash(key),
                hint = key[^4..],
                sealedKey = services.GetRequiredService<SecretSealer>().Seal(key, SealedPurposes.ApiKey, id),
            });
    }

    private IEnumerable<(string Id, string Method, string Pattern)> Endpoints() =>
        platform.Replicas[0].Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<Operation>() is not null)
            .Select(endpoint => (endpoint.Metadata.GetMetadata<Operation>()!.Id, endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Single(), endpoint.RoutePattern.RawText!.TrimEnd('/')));

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Parameter { get; }
}
