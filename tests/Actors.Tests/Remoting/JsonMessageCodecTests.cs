using System.Text.Json.Serialization;
using Replication.Actors.Buffers;
using Replication.Actors.Remoting.Codecs;

namespace Replication.Actors.Tests.Remoting;

/// <summary>The codec of rare messages.</summary>
public sealed class JsonMessageCodecTests
{
    private static readonly JsonMessageCodec<RareMessage> Codec = new(2000, RareJson.Default.RareMessage);

    [Fact]
    public void A_message_comes_back_as_it_went()
    {
        RareMessage message = new("änderung", [1, 2, 3], Nested: new RareMessage("inner", [], null));
        WireWriter body = new(capacityBytes: 1);
        Codec.Write(message, body);
        RareMessage back = (RareMessage)Codec.Read(body.Written, payload: null);
        Assert.Equal(message.Name, back.Name);
        Assert.Equal(message.Numbers, back.Numbers);
        Assert.Equal("inner", back.Nested!.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("{\"Name\":1}")]
    [InlineData("{\"Name\":\"a\"} more")]
    public void Anything_else_throws_the_one_exception(string json) =>
        Assert.Throws<MalformedMessageException>(
            () => Codec.Read(System.Text.Encoding.UTF8.GetBytes(json), payload: null));

    [Fact]
    public void A_payload_has_no_place_in_it() =>
        Assert.Throws<MalformedMessageException>(() => Codec.Read("{}"u8, PooledBuffer.Rent(1)));
}

/// <summary>A message for JSON.</summary>
internal sealed record RareMessage(string Name, IReadOnlyList<int> Numbers, RareMessage? Nested);

[JsonSerializable(typeof(RareMessage))]
internal sealed partial class RareJson : JsonSerializerContext;
