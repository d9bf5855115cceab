using System.Globalization;
using System.Text;
using Replication.Gateway.Exports;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>
/// What clients hear who ask for an export that is not served, where more is known than that.
/// </summary>
public sealed class AbsentExportTests
{
    private const string Stopped = "volume vm1 is stopped: children 0 and 1 differ at byte 7";

    [Theory]
    [InlineData(RawClient.Go)]
    [InlineData(RawClient.Info)]
    [InlineData(RawClient.SetMetaContext)]
    [InlineData(RawClient.ListMetaContext)]
    public async Task An_export_that_is_held_back_is_refused_with_the_reason_and_not_listed(uint option)
    {
        await using TestServer server = new();
        server.Exports.Explain("vm1", new ExportAbsence(Stopped, IsHeldBack: true));
        using RawClient client = server.Connect();
        client.Greet();
        Assert.Equal(RawClient.Ack, client.Negotiate(RawClient.StructuredReply, []).Type);

        RawClient.OptionAnswer answer = client.Negotiate(option, DataFor(option, "vm1"));

        Assert.Equal((RawClient.ErrPolicy, Stopped), (answer.Type, Encoding.UTF8.GetString(answer.Data)));
        client.SendOption(RawClient.List, []);
        Assert.Equal([0, 0, 0, 4, .. "diska test's disk"u8], client.ReadOptionReply().Data);
        Assert.Equal(RawClient.Ack, client.ReadOptionReply().Type);
        Assert.Equal(RawClient.InfoReply, client.Negotiate(RawClient.Go, RawClient.InfoData("disk")).Type);
    }

    [Fact]
    public async Task An_export_that_is_gone_is_unknown_with_the_reason_until_it_is_there_again()
    {
        await using TestServer server = new();
        server.Exports.Explain("vm1", new ExportAbsence(Stopped, IsHeldBack: true));
        server.Exports.Explain("vm1", new ExportAbsence("volume vm1 was deleted", IsHeldBack: false));
        using RawClient client = server.Connect();
        client.Greet();

        RawClient.OptionAnswer gone = client.Negotiate(RawClient.Go, RawClient.InfoData("vm1"));
        server.Exports.Add(new Export("vm1", 512, server.Volume, ReadOnly: false, ""));
        Assert.Null(server.Exports.WhyAbsent("vm1"));
        server.Exports.Remove("vm1", "for the test");
        RawClient.OptionAnswer unexplained = client.Negotiate(RawClient.Go, RawClient.InfoData("vm1"));

        Assert.Equal(RawClient.ErrUnknown, gone.Type);
        Assert.Equal("volume vm1 was deleted", Encoding.UTF8.GetString(gone.Data));
        Assert.Equal("there is no export of that name", Encoding.UTF8.GetString(unexplained.Data));
    }

    [Fact]
    public async Task Who_names_it_the_old_way_is_closed_and_the_log_has_the_reason()
    {
        await using TestServer server = new();
        server.Exports.Explain("vm1", new ExportAbsence(Stopped, IsHeldBack: true));
        using RawClient client = server.Connect();
        client.Greet();
        client.SendOption(RawClient.ExportName, "vm1"u8.ToArray());
        client.ExpectClosed();
        server.Log.Expect(Stopped);
    }

    [Fact]
    public async Task The_empty_name_is_explained_where_there_is_one_export_and_it_is_held_back()
    {
        await using TestServer server = new();
        server.Exports.Explain("vm1", new ExportAbsence(Stopped, IsHeldBack: true));
        Assert.Null(server.Exports.WhyAbsent(""));
        server.Exports.Remove("disk", "for the test");
        Assert.Equal(Stopped, server.Exports.WhyAbsent("")?.Reason);
        server.Exports.Explain("vm1", absence: null);
        Assert.Null(server.Exports.WhyAbsent(""));
    }

    [Fact]
    public async Task The_longest_reason_fits_an_answer_and_the_oldest_is_forgotten_for_one_too_many()
    {
        await using TestServer server = new();
        server.Exports.Explain("first", new ExportAbsence("it was first", IsHeldBack: false));
        for (int i = 1; i <= ExportCatalog.AbsencesMax; i++)
        {
            string name = i.ToString(CultureInfo.InvariantCulture);
            server.Exports.Explain(name, new ExportAbsence(new string('€', 5000), IsHeldBack: false));
        }

        using RawClient client = server.Connect();
        client.Greet();
        RawClient.OptionAnswer answer = client.Negotiate(RawClient.Go, RawClient.InfoData("1"));

        Assert.Equal(new string('€', ExportAbsence.ReasonLengthMax), Encoding.UTF8.GetString(answer.Data));
        Assert.InRange(answer.Data.Length, 1, 4096);
        Assert.Null(server.Exports.WhyAbsent("first"));
    }

    [Fact]
    public async Task Qemu_shows_the_reason_to_its_user_and_libnbd_among_what_it_tells_when_debugged()
    {
        await using TestServer server = new();
        server.Exports.Explain("vm1", new ExportAbsence(Stopped, IsHeldBack: true));
        string uri = server.Address.ToNbdUri("vm1");

        (int qemuExit, _, string qemu) = await ClientProgram.TryAsync("qemu-img", "info", "-f", "raw", uri);
        (int nbdinfoExit, _, string nbdinfo) = await ClientProgram.TryAsync("nbdinfo", uri);

        Assert.Equal((1, 1), (qemuExit, nbdinfoExit));
        Assert.Contains($"server reported: {Stopped}", qemu, StringComparison.Ordinal);
        Assert.Contains($"server error message: {Stopped}", nbdinfo, StringComparison.Ordinal);
    }

    private static byte[] DataFor(uint option, string name) => option is RawClient.Go or RawClient.Info
        ? RawClient.InfoData(name)
        : RawClient.MetaData(name, "base:allocation");
}
