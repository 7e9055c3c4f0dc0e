using System.Diagnostics;
using System.Globalization;

namespace ValidonX.Benchmarks.Gateway;

/// <summary>Well-known proxies with a limit for each key in front of the constant endpoint, where they are installed.</summary>
internal static class ForeignProxy
{
    /// <summary>nginx with <c>limit_req</c> by the key header, or null when it is not installed.</summary>
    public static ProcessStartInfo? Nginx(string folder, int port, int upstream)
    {
        if (Find("nginx") is not { } program)
        {
            return null;
        }

        var file = Path.Combine(folder, "nginx.conf");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $$"""
            daemon off;
            worker_processes 1;
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/nginx-error.log crit;
            events { worker_connections 1024; }
            http {
              access_log off;
              client_body_temp_path {{folder}}/nginx-body;
              proxy_temp_path {{folder}}/nginx-proxy;
              fastcgi_temp_path {{folder}}/nginx-fastcgi;
              uwsgi_temp_path {{folder}}/nginx-uwsgi;
              scgi_temp_path {{folder}}/nginx-scgi;
              limit_req_zone $http_x_api_key zone=keys:10m rate=1000000r/s;
              upstream constant { server 127.0.0.1:{{upstream}}; keepalive 64; }
              server {
                listen 127.0.0.1:{{port}};
                keepalive_requests 1000000000;
                location / {
                  limit_req zone=keys burst=1000 nodelay;
                  proxy_pass http://constant;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                }
              }
            }
            """));
        return Start(program, ["-c", file, "-p", folder]);
    }

    /// <summary>HAProxy with a stick table of request rates by the key header, or null when it is not installed.</summary>
    public static ProcessStartInfo? HAProxy(string folder, int port, int upstream)
    {
        if (Find("haproxy") is not { } program)
        {
            return null;
        }

        var file = Path.Combine(folder, "haproxy.cfg");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $"""
            global
              nbthread 1
            defaults
              mode http
              timeout connect 5s
              timeout client 60s
              timeout server 60s
            frontend keys
              bind 127.0.0.1:{port}
              stick-table type string len 80 size 100k expire 60s store http_req_rate(60s)
              http-request track-sc0 req.hdr(X-API-Key)
              http-request deny deny_status 429 if {"{"} sc_http_req_rate(0) gt 1000000000 {"}"}
              default_backend constant
            backend constant
              server only 127.0.0.1:{upstream}

            """));
        return Start(program, ["-db", "-f", file]);
    }

    private static ProcessStartInfo Start(string program, IEnumerable<string> arguments)
    {
        var start = ChildProcesses.InOwnSession(program, [.. arguments]);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        return start;
    }

    private static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(["/usr/sbin", "/usr/local/sbin"])
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}
