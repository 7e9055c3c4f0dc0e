using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ValidonX.Tests.Servers;

/// <summary>A CA of this test's own, a certificate of it for servers on the loopback, and another CA that has nothing to do with them.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("validonx-certificates-");

    public TestCertificates()
    {
        using var authority = Authority("CN=Authority of a test");
        using var other = Authority("CN=Another authority");
        Server = Issue(authority, IPAddress.Loopback);
        AuthorityFile = Write("ca.pem", authority.ExportCertificatePem());
        OtherAuthorityFile = Write("other.pem", other.ExportCertificatePem());
        ServerFile = Write("server.pem", Server.ExportCertificatePem());
        ServerKeyFile = Write("server.key", Server.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        using var elsewhere = Issue(authority, IPAddress.Parse("192.0.2.1"));
        ElsewhereFile = Write("elsewhere.pem", elsewhere.ExportCertificatePem());
        ElsewhereKeyFile = Write("elsewhere.key", elsewhere.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>For 127.0.0.1.</summary>
    public X509Certificate2 Server { get; }

    public string AuthorityFile { get; }

    public string OtherAuthorityFile { get; }

    public string ServerFile { get; }

    public string ServerKeyFile { get; }

    /// <summary>Of the right CA, for another address.</summary>
    public string ElsewhereFile { get; }

    public string ElsewhereKeyFile { get; }

    public void Dispose()
    {
        Server.Dispose();
        _folder.Delete(recursive: true);
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, IPAddress address)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={address}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
