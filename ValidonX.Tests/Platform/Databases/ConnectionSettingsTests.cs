using MySqlConnector;
using ValidonX.Platform.Databases;

namespace ValidonX.Tests.Platform.Databases;

/// <summary>What a connection string may say, and what holds where it says nothing.</summary>
public sealed class ConnectionSettingsTests
{
    private const string Remote = "Server=db.example;User ID=vx;Password=p;";
    private const string Here = "Server=127.0.0.1;User ID=vx;Password=p;";

    [Theory]
    [InlineData(Remote, MySqlSslMode.Required)]
    [InlineData(Remote + "SslCa=/ca.pem", MySqlSslMode.VerifyFull)]
    [InlineData(Remote + "SslMode=Required;SslCa=/ca.pem", MySqlSslMode.VerifyFull)]
    [InlineData(Remote + "SslMode=VerifyCA;CACertificateFile=/ca.pem", MySqlSslMode.VerifyCA)]
    [InlineData(Remote + "SslMode=VerifyFull", MySqlSslMode.VerifyFull)]
    [InlineData(Here, MySqlSslMode.None)]
    [InlineData(Here + "SslMode=Required", MySqlSslMode.Required)]
    [InlineData(Here + "SslCa=/ca.pem", MySqlSslMode.VerifyFull)]
    [InlineData("Server=localhost,db.example;User ID=vx", MySqlSslMode.Required)]
    [InlineData("Server=LOCALHOST;User ID=vx", MySqlSslMode.None)]
    [InlineData("Server=127.0.0.1.example;User ID=vx", MySqlSslMode.Required)]
    public void Beyond_this_machine_a_connection_is_encrypted_and_with_a_CA_it_is_verified(string connectionString, MySqlSslMode mode) =>
        Assert.Equal(mode, Complete(connectionString).SslMode);

    [Theory]
    [InlineData(Remote, false)]
    [InlineData(Remote + "SslMode=Required", false)]
    [InlineData(Remote + "SslCa=/ca.pem", false)]
    [InlineData(Remote + "SslCa=/ca.pem;AllowPublicKeyRetrieval=true", true)]
    [InlineData(Here, true)]
    [InlineData(Here + "AllowPublicKeyRetrieval=false", false)]
    public void A_key_is_asked_for_only_of_a_server_that_is_known(string connectionString, bool allowed) =>
        Assert.Equal(allowed, Complete(connectionString).AllowPublicKeyRetrieval);

    [Theory]
    [InlineData(Remote + "SslMode=None", "must be encrypted")]
    [InlineData(Remote + "SslMode=Preferred", "must be encrypted")]
    [InlineData("Server=localhost,db.example;SslMode=Preferred", "must be encrypted")]
    [InlineData(Remote + "AllowPublicKeyRetrieval=true", "has not proved who it is")]
    [InlineData(Here + "ConnectionReset=false", "decides itself")]
    [InlineData(Here + "Ignore Command Transaction=false", "decides itself")]
    [InlineData(Here + "GuidFormat=Binary16", "decides itself")]
    [InlineData(Here + "NoSuchOption=1", "cannot be read")]
    public void What_it_may_not_say_is_refused_in_a_sentence_without_its_password(string connectionString, string sentence)
    {
        var refused = Assert.Throws<FormatException>(() => ConnectionSettings.Parse(connectionString + ";Pwd=never-told"));

        Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("never-told", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_it_says_goes_before_our_own_numbers()
    {
        var settings = Complete(Here + "Max Pool Size=7;Connect Timeout=3;Command Timeout=4;Keepalive=20;Database=d");

        Assert.Equal((7u, 3u, 4u, 20u, "d"), (settings.MaximumPoolSize, settings.ConnectionTimeout, settings.DefaultCommandTimeout, settings.Keepalive, settings.Database));
        Assert.Equal((64u, 10u, 15u), (Complete(Here).MaximumPoolSize, Complete(Here).ConnectionTimeout, Complete(Here).DefaultCommandTimeout));
    }

    [Theory]
    [InlineData("Server=elsewhere.example")]
    [InlineData("uid=root")]
    [InlineData("Password=p")]
    public void Options_of_a_server_hold_no_login(string options) =>
        Assert.Throws<FormatException>(() => ConnectionSettings.Complete(new DatabaseLogin("127.0.0.1", 3306, "vx", "p") { Options = options }));

    private static MySqlConnectionStringBuilder Complete(string connectionString) => ConnectionSettings.Complete(ConnectionSettings.Parse(connectionString));
}
