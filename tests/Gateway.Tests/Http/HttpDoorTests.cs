using System.Net;
using System.Net.Sockets;
using Replication.Gateway.Http;
using Replication.Gateway.Http.Pages;
using Replication.Gateway.Listening;
using Replication.Gateway.Metrics;

namespace Replication.Gateway.Tests.Http;

/// <summary>What the HTTP door answers, to friends and to others.</summary>
public sealed class HttpDoorTests
{
    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static readonly MetricDescriptor Answer =
        new("demo_answer", MetricKind.Gauge, "The answer.", []);

    [Fact]
    public async Task Health_says_that_the_process_lives()
    {
        await using HttpFixture http = await HttpFixture.OpenAsync();

        Assert.Equal((HttpStatusCode.OK, "ok\n"), await http.GetAsync("/healthz"));
    }

    [Fact]
    public async Task Readiness_gives_its_reasons_until_there_are_none()
    {
        await using HttpFixture http = await HttpFixture.OpenAsync();
        Check store = new() { Reasons = ["the store \"s\" does not answer"] };
        Check volumes = new() { Reasons = ["volume vm1 is opening"] };
        http.Ready.Add(store);
        http.Ready.Add(volumes);

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable,
                "{\"ready\":false,\"reasons\":[\"the process is starting\"]}\n"),
            await http.GetAsync("/readyz"));
        http.Ready.SetObstacle(reason: null);
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable,
                "{\"ready\":false,\"reasons\":[\"the store \\u0022s\\u0022 does not answer\","
                    + "\"volume vm1 is opening\"]}\n"),
            await http.GetAsync("/readyz"));
        store.Reasons = [];
        volumes.Reasons = [];
        Assert.Equal(
            (HttpStatusCode.OK, "{\"ready\":true,\"reasons\":[]}\n"), await http.GetAsync("/readyz"));
    }

    [Fact]
    public async Task Metrics_come_in_the_text_format_of_Prometheus()
    {
        await using HttpFixture http = await HttpFixture.OpenAsync();
        http.Metrics.Add(new Source(static into => into.Add(Answer, 42)));

        using HttpResponseMessage response = await http.Client.GetAsync(http.UriOf("/metrics"));
        string text = await response.Content.ReadAsStringAsync();

        Assert.Equal(
            "text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Contains("# TYPE demo_answer gauge\ndemo_answer 42\n", text, Ordinal);
        Assert.Contains("replication_collect_failures_total{source=\"test\"} 0\n", text, Ordinal);
    }

    [Fact]
    public async Task A_source_that_fails_is_counted_and_leaves_the_others_their_numbers()
    {
        await using HttpFixture http = await HttpFixture.OpenAsync();
        http.Metrics.Add(new Source(static into =>
        {
            into.Add(Answer, 1);
            throw new IOException("no numbers today");
        }));
        http.Metrics.Add(new Source(static into => into.Add(Answer, 2)) { Name = "other" });

        (HttpStatusCode status, string text) = await http.GetAsync("/metrics");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("\ndemo_answer 2\n", text, Ordinal);
        Assert.DoesNotContain("demo_answer 1\n", text, Ordinal);
        Assert.Contains("replication_collect_failures_total{source=\"other\"} 0\n", text, Ordinal);
        Assert.Contains("replication_collect_failures_total{source=\"test\"} 1\n", text, Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/metrics/")]
    [InlineData("/Metrics")]
    [InlineData("/healthz/../secret")]
    [InlineData("/%2e%2e/etc/passwd")]
    public async Task Another_path_is_not_found_and_says_which_there_are(string path)
    {
        await using HttpFixture http = await HttpFixture.OpenAsync();

        string answer = await http.SendRawAsync(
            $"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 404 Not Found\r\n", answer, Ordinal);
        Assert.EndsWith("\r\n\r\nthere are /healthz, /readyz, /metrics\n", answer, Ordinal);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("PATCH")]
    [InlineData("get")]
    public async Task What_is_no_looking_is_not_allowed(string method)
    {
        await using HttpFixture http = await HttpFixture.OpenAsync();

        string answer = await http.SendRawAsync(
            $"{method} /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 405 Method Not Allowed\r\n", answer, Ordinal);
        Assert.Contains("\r\nAllow: GET, HEAD\r\n", answer, Ordinal);
    }

    [Fact]
    public async Task A_HEAD_gets_the_length_and_no_body()
    {
        await using HttpFixture http = await HttpFixture.OpenAsync();

        string answer = await http.SendRawAsync(
            "HEAD /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, Ordinal);
        Assert.Contains("\r\nContent-Length: 3\r\n", answer, Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, Ordinal);
    }

    [Theory]
    [InlineData("Content-Length: 10\r\n\r\n0123456789")]
    [InlineData("Content-Length: 99999999999\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    public async Task A_body_is_refused_and_ends_the_connection(string rest)
    {
        await using HttpFixture http = await HttpFixture.OpenAsync();

        string answer = await http.SendRawAsync($"GET /healthz HTTP/1.1\r\nHost: a\r\n{rest}");

        Assert.StartsWith("HTTP/1.1 413 Payload Too Large\r\n", answer, Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", answer, Ordinal);
    }

    [Fact]
    public async Task Requests_beyond_the_limits_are_refused_and_others_are_served_meanwhile()
    {
        await using HttpFixture http = await HttpFixture.OpenAsync();
        string longLine = new('a', HttpLimits.RequestLineBytesMax);
        string longHeader = $"X: {new string('a', HttpLimits.HeaderBytesMax)}\r\n";
        string manyHeaders = string.Concat(Enumerable.Repeat("X: a\r\n", HttpLimits.HeaderCountMax + 1));

        string line = await http.SendRawAsync($"GET /{longLine} HTTP/1.1\r\nHost: a\r\n\r\n");
        string header = await http.SendRawAsync($"GET /healthz HTTP/1.1\r\nHost: a\r\n{longHeader}\r\n");
        string headers = await http.SendRawAsync($"GET /healthz HTTP/1.1\r\nHost: a\r\n{manyHeaders}\r\n");

        Assert.StartsWith("HTTP/1.1 414 ", line, Ordinal);
        Assert.StartsWith("HTTP/1.1 431 ", header, Ordinal);
        Assert.StartsWith("HTTP/1.1 431 ", headers, Ordinal);
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await http.GetAsync("/healthz"));
    }

    [Theory]
    [InlineData("\r\n\r\n\0\0\0\0")]
    [InlineData("NBDMAGIC\r\n\r\n")]
    [InlineData("GET /healthz HTTP/9.9\r\n\r\n")]
    [InlineData("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("GET /healthz HTTP/1.1\r\nno colon\r\n\r\n")]
    public async Task What_is_no_HTTP_is_answered_with_an_error_and_closed(string text)
    {
        await using HttpFixture http = await HttpFixture.OpenAsync();

        string answer = await http.SendRawAsync(text);

        Assert.True(
            answer.StartsWith("HTTP/1.1 400 ", Ordinal) || answer.StartsWith("HTTP/1.1 505 ", Ordinal),
            answer);
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await http.GetAsync("/healthz"));
    }

    [Fact]
    public async Task One_connection_more_than_the_limit_is_closed_at_once_and_there_is_room_again_later()
    {
        await using HttpFixture http = await HttpFixture.OpenAsync();
        List<Socket> idle = [];
        for (int count = 0; count < HttpLimits.ConnectionsMax; count++)
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(http.Address.EndPoint);
            await socket.SendAsync("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
            Assert.NotEqual(0, await socket.ReceiveAsync(new byte[4096]));
            idle.Add(socket);
        }

        string refused = await http.SendRawAsync("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Empty(refused);
        idle.ForEach(static socket => socket.Dispose());
        await AssertEventuallyAsync(async () => (await http.SendRawAsync(
            "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).Length > 0);
    }

    [Fact]
    public async Task A_taken_port_is_refused_with_the_address_or_the_next_one_will_do()
    {
        await using HttpFixture first = await HttpFixture.OpenAsync();

        ListenException refused = await Assert.ThrowsAsync<ListenException>(
            () => HttpDoor.OpenAsync(first.Address, [new HealthPage()]));
        await using HttpDoor second = await HttpDoor.OpenAsync(
            first.Address, [new HealthPage()], nextIfTaken: true);

        Assert.StartsWith($"{first.Address} is taken", refused.Message, Ordinal);
        Assert.NotEqual(first.Address, second.Address);
        Assert.Equal("ok\n", await first.Client.GetStringAsync(new Uri($"http://{second.Address}/healthz")));
    }

    [Fact]
    public async Task A_unix_socket_is_no_place_for_it()
    {
        ListenException refused = await Assert.ThrowsAsync<ListenException>(
            () => HttpDoor.OpenAsync(ListenAddress.Parse("unix:/tmp/http.sock"), [new HealthPage()]));

        Assert.Equal("HTTP is served on HOST:PORT, not on unix:/tmp/http.sock", refused.Message);
    }

    [Fact]
    public async Task A_page_under_way_does_not_keep_the_door_from_closing()
    {
        StuckPage stuck = new();
        HttpFixture http = await HttpFixture.OpenAsync(stuck);
        Task<string> answer = http.SendRawAsync("GET /stuck HTTP/1.1\r\nHost: a\r\n\r\n");
        await stuck.Entered.Task;

        await http.DisposeAsync();

        Assert.DoesNotContain("200", await answer, Ordinal);
    }

    private static async Task AssertEventuallyAsync(Func<Task<bool>> isTrue)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        while (!await isTrue())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed class Check : IReadinessCheck
    {
        internal IReadOnlyList<string> Reasons { get; set; } = [];

        public ValueTask<IReadOnlyList<string>> ReasonsAsync(CancellationToken cancellation) => new(Reasons);
    }

    private sealed class Source(Action<MetricSet> collect) : IMetricSource
    {
        public string Name { get; init; } = "test";

        public ValueTask CollectAsync(MetricSet into, CancellationToken cancellation)
        {
            collect(into);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class StuckPage : IHttpPage
    {
        internal TaskCompletionSource Entered { get; } = new();

        public string Path => "/stuck";

        public async ValueTask<HttpAnswer> RenderAsync(CancellationToken cancellation)
        {
            Entered.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            throw new InvalidOperationException("the wait has no end");
        }
    }
}
