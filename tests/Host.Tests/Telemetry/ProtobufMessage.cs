using System.Buffers.Binary;
using System.Text;

namespace Replication.Host.Tests.Telemetry;

/// <summary>
/// A protobuf message as its fields, by number: enough to read what OTLP sends without a generated reader.
/// </summary>
internal sealed class ProtobufMessage
{
    private readonly List<(int Field, ulong Number, ReadOnlyMemory<byte> Bytes)> _fields = [];

    /// <exception cref="InvalidDataException">It is no protobuf.</exception>
    internal ProtobufMessage(ReadOnlyMemory<byte> message)
    {
        while (!message.IsEmpty)
        {
            ulong key = ReadVarint(ref message);
            int field = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    _fields.Add((field, ReadVarint(ref message), default));
                    break;
                case 1:
                    _fields.Add((field, BinaryPrimitives.ReadUInt64LittleEndian(message.Span), default));
                    message = message[sizeof(ulong)..];
                    break;
                case 2:
                    int length = (int)ReadVarint(ref message);
                    _fields.Add((field, 0, message[..length]));
                    message = message[length..];
                    break;
                case 5:
                    _fields.Add((field, BinaryPrimitives.ReadUInt32LittleEndian(message.Span), default));
                    message = message[sizeof(uint)..];
                    break;
                default:
                    throw new InvalidDataException($"protobuf has no wire type {key & 7}");
            }
        }
    }

    internal IEnumerable<ProtobufMessage> Messages(int field) =>
        _fields.Where(one => one.Field == field).Select(static one => new ProtobufMessage(one.Bytes));

    internal ProtobufMessage? Message(int field) => Messages(field).FirstOrDefault();

    internal string Text(int field) =>
        Encoding.UTF8.GetString(_fields.First(one => one.Field == field).Bytes.Span);

    /// <summary>Empty where the field is not there.</summary>
    internal byte[] Bytes(int field) =>
        _fields.FirstOrDefault(one => one.Field == field).Bytes.ToArray();

    internal ulong Number(int field) => _fields.First(one => one.Field == field).Number;

    internal double Double(int field) => BitConverter.UInt64BitsToDouble(Number(field));

    private static ulong ReadVarint(ref ReadOnlyMemory<byte> message)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = message.Span[0];
            message = message[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("a varint has no end");
    }
}
