using System.Buffers.Binary;
using Replication.Fuzz.Wire;

namespace Replication.Fuzz.Conversations;

/// <summary>
/// Makes case N of a seed: a valid conversation, changed element by element and then byte by byte, and a way
/// to hold it. One case in eight stays valid.
/// </summary>
internal sealed class CaseMaker(long seed, FuzzTarget target)
{
    private const int FloodMax = 1500;

    /// <summary>
    /// Most that the requests of a flood ask for together: 1,500 times 32 MiB is more work than any server
    /// does within the patience of a conversation.
    /// </summary>
    private const long FloodBytesMax = 1L << 30;

    private const int FloodMin = 10;

    private static readonly ulong[] Values =
    [
        0, 1, 2, 7, 511, 4096, 4097, 65535, 65536, 1 << 20, (1 << 20) + 1, Nbd.PayloadMaxBytes,
        Nbd.PayloadMaxBytes + 1, int.MaxValue, uint.MaxValue, long.MaxValue, ulong.MaxValue,
    ];

    public FuzzCase Make(int number)
    {
        Random random = new(HashCodeOf(seed, number));
        ConversationMaker maker = new(random, target);
        List<byte[]> elements = maker.Make();
        List<string> changes = [];
        int kind = random.Next(8);
        if (kind is 1 or 2 or 3 or 4 or 5)
        {
            for (int count = random.Next(1, 4); count > 0; count--)
            {
                changes.Add(ChangeElements(random, maker, elements));
            }
        }

        byte[] bytes = [.. elements.SelectMany(static element => element)];
        if (kind is 5 or 6 or 7 && bytes.Length > 0)
        {
            (bytes, string change) = ChangeBytes(random, bytes);
            changes.Add(change);
        }

        return Held(random, number, bytes, changes);
    }

    /// <summary>Not HashCode.Combine, which differs from process to process.</summary>
    private static int HashCodeOf(long seed, int number) =>
        unchecked((int)(((ulong)seed * 0x9E3779B97F4A7C15) ^ ((ulong)number * 0xC2B2AE3D27D4EB4F) >> 7));

    private static FuzzCase Held(Random random, int number, byte[] bytes, List<string> changes)
    {
        List<int> pieces = [];
        int cuts = random.Next(6) switch { 0 => 64, 1 or 2 => random.Next(8), _ => 0 };
        for (int i = 0; i < cuts && bytes.Length > 1; i++)
        {
            pieces.Add(random.Next(1, bytes.Length));
        }

        Reading reading = random.Next(20) switch
        {
            0 => Reading.Never,
            1 => Reading.Late,
            2 => Reading.Slow,
            _ => Reading.Eager,
        };
        Ending ending = random.Next(6) switch
        {
            0 => Ending.Close,
            1 when random.Next(3) == 0 => Ending.Linger,
            _ => Ending.Shutdown,
        };
        int pauseMs = random.Next(10) == 0 ? random.Next(1, 20) : 0;
        int holdMs = random.Next(1, 800);
        return new FuzzCase(
            number, bytes, [.. pieces.Distinct().Order()], pauseMs, reading, ending, holdMs, changes);
    }

    private string ChangeElements(Random random, ConversationMaker maker, List<byte[]> elements)
    {
        int at = random.Next(elements.Count);
        switch (random.Next(9))
        {
            case 0:
                elements.RemoveAt(at);
                elements.Add([]);
                return $"element {at} left out";
            case 1:
                elements.Insert(at, elements[at]);
                return $"element {at} twice";
            case 2:
                int other = random.Next(elements.Count);
                (elements[at], elements[other]) = (elements[other], elements[at]);
                return $"elements {at} and {other} swapped";
            case 3:
                elements.Insert(at, random.Next(2) == 0 ? maker.Option() : maker.Request());
                return $"a stranger at {at}";
            case 4:
                return Flood(random, maker, elements, at);
            case 5:
                elements[at] = elements[at][..random.Next(elements[at].Length + 1)];
                return $"element {at} cut short";
            default:
                return ChangeField(random, elements, at);
        }
    }

    private static string Flood(Random random, ConversationMaker maker, List<byte[]> elements, int at)
    {
        byte[] one = random.Next(2) == 0 ? maker.Option() : maker.Request();
        one = one.Length > 4096 ? one[..Nbd.RequestHeaderBytes] : one;
        int count = random.Next(FloodMin, FloodMax);
        if (IsRequest(one))
        {
            uint lengthBytes = BinaryPrimitives.ReadUInt32BigEndian(one.AsSpan(Nbd.RequestLengthOffset));
            count = (int)Math.Clamp(FloodBytesMax / Math.Max(lengthBytes, 1), FloodMin, count);
        }

        elements.InsertRange(at, Enumerable.Repeat(one, count));
        return $"a flood of {count} at {at}";
    }

    private static bool IsRequest(byte[] element) => element.Length >= Nbd.RequestHeaderBytes
        && BinaryPrimitives.ReadUInt32BigEndian(element) == Nbd.RequestMagic;

    /// <summary>Gives a header's field a value from the edges.</summary>
    private static string ChangeField(Random random, List<byte[]> elements, int at)
    {
        byte[] element = [.. elements[at]];
        (int Offset, int Length)[] fields = IsRequest(element)
            ? [(0, 4), (4, 2), (6, 2), (8, 8), (16, 8), (24, 4), (16, 8), (24, 4)]
            : [(0, 8), (8, 4), (12, 4), (16, 4), (20, 4), (12, 4)];
        (int offset, int length) = fields[random.Next(fields.Length)];
        if (offset + length > element.Length)
        {
            (offset, length) = (0, Math.Min(1, element.Length));
        }

        byte[] value = Nbd.Be(Values[random.Next(Values.Length)]);
        value[^length..].CopyTo(element.AsSpan(offset));
        elements[at] = element;
        return $"{length} bytes at {offset} of element {at} set to {Convert.ToHexString(value[^length..])}";
    }

    private static (byte[] Bytes, string Change) ChangeBytes(Random random, byte[] bytes)
    {
        int at = random.Next(Math.Min(bytes.Length, 4096));
        switch (random.Next(5))
        {
            case 0:
                return (bytes[..at], $"cut at byte {at}");
            case 1:
                byte[] garbage = new byte[random.Next(1, 100)];
                random.NextBytes(garbage);
                byte[] longer = [.. bytes[..at], .. garbage, .. bytes[at..]];
                return (longer, $"{garbage.Length} bytes put in at {at}");
            case 2:
                int count = Math.Min(random.Next(1, 40), bytes.Length - at);
                return ([.. bytes[..at], .. bytes[(at + count)..]], $"{count} bytes left out at {at}");
            default:
                byte[] flipped = [.. bytes];
                int flips = random.Next(1, 6);
                for (int i = 0; i < flips; i++)
                {
                    flipped[random.Next(Math.Min(bytes.Length, 4096))] ^= (byte)(1 << random.Next(8));
                }

                return (flipped, $"{flips} bits turned");
        }
    }
}
