using Replication.Fuzz.Wire;

namespace Replication.Fuzz.Conversations;

/// <summary>Makes valid conversations, as lists of elements: flags, options, requests.</summary>
internal sealed class ConversationMaker(Random random, FuzzTarget target)
{
    private static readonly int[] ShortLengths = [1, 2, 511, 512, 4095, 4096, 4097, 65536];

    private bool _structured;

    /// <summary>The whole conversation of one client.</summary>
    public List<byte[]> Make()
    {
        bool fixedNewstyle = random.Next(20) > 0;
        uint flags = (fixedNewstyle ? 1u : 0) | (random.Next(3) > 0 ? 2u : 0);
        List<byte[]> elements = [Nbd.Be(flags)];
        if (fixedNewstyle)
        {
            for (int count = random.Next(5); count > 0; count--)
            {
                elements.Add(Option());
            }
        }

        switch (random.Next(20))
        {
            case 0 when fixedNewstyle:
                elements.Add(Nbd.Option(Nbd.Abort, []));
                return elements;
            case < 4:
                elements.Add(Nbd.Option(Nbd.ExportName, [.. Nbd.Be(target.Export)[4..]]));
                break;
            case var _ when !fixedNewstyle:
                elements.Add(Nbd.Option(Nbd.ExportName, [.. Nbd.Be(target.Export)[4..]]));
                break;
            default:
                elements.Add(Nbd.Option(Nbd.Go, Nbd.InfoData(target.Export, Wanted())));
                break;
        }

        for (int count = random.Next(1, random.Next(20) == 0 ? 200 : 12); count > 0; count--)
        {
            elements.Add(Request());
        }

        if (random.Next(2) == 0)
        {
            elements.Add(Nbd.Request(Nbd.Disconnect, 0, NextCookie(), 0, 0));
        }

        return elements;
    }

    /// <summary>One option that does not end the handshake.</summary>
    public byte[] Option()
    {
        switch (random.Next(9))
        {
            case 0:
                return Nbd.Option(Nbd.List, []);
            case 1 or 2 or 3:
                _structured = true;
                return Nbd.Option(Nbd.StructuredReply, []);
            case 4:
                return Nbd.Option(Nbd.ListMetaContext, Nbd.MetaData(Name(), Queries()));
            case 5 or 6:
                return Nbd.Option(Nbd.SetMetaContext, Nbd.MetaData(Name(), Queries()));
            case 7:
                return Nbd.Option(Nbd.Info, Nbd.InfoData(Name(), Wanted()));
            default:
                return Nbd.Option((uint)random.Next(11, 5000), Bytes(random.Next(50)));
        }
    }

    /// <summary>One request within the export.</summary>
    public byte[] Request()
    {
        ushort command = (ushort)(random.Next(10) switch
        {
            0 or 1 or 2 => Nbd.Read,
            3 or 4 or 5 => Nbd.Write,
            6 => Nbd.Flush,
            7 => Nbd.Trim,
            8 => random.Next(2) == 0 ? Nbd.Cache : Nbd.WriteZeroes,
            _ => Nbd.BlockStatus,
        });
        uint length = command == Nbd.Flush ? 0 : Length();
        long last = (long)target.SizeBytes - length;
        ulong offset = command == Nbd.Flush ? 0 : (ulong)random.NextInt64(last + 1);
        byte[]? payload = command == Nbd.Write ? Bytes((int)length) : null;
        return Nbd.Request(command, Flags(command), NextCookie(), offset, length, payload);
    }

    private ushort Flags(ushort command)
    {
        int flags = random.Next(5) == 0 ? Nbd.Fua : 0;
        flags |= command switch
        {
            Nbd.Read when _structured && random.Next(4) == 0 => Nbd.Df,
            Nbd.WriteZeroes when random.Next(3) == 0 => Nbd.NoHole,
            Nbd.WriteZeroes when random.Next(3) == 0 => Nbd.FastZero,
            Nbd.BlockStatus when random.Next(3) == 0 => Nbd.ReqOne,
            _ => 0,
        };
        return (ushort)flags;
    }

    private uint Length() => random.Next(100) switch
    {
        < 60 => (uint)ShortLengths[random.Next(ShortLengths.Length)],
        < 95 => (uint)random.Next(1, 128 << 10),
        < 99 => (uint)random.Next(1, 2 << 20),
        _ => (uint)random.Next(1, (int)Nbd.PayloadMaxBytes + 1),
    };

    private ushort[] Wanted() =>
        [.. Enumerable.Range(0, random.Next(4)).Select(_ => (ushort)random.Next(6))];

    private string Name() => random.Next(8) switch
    {
        0 => target.OtherExport,
        1 => new string('n', random.Next(300)),
        _ => target.Export,
    };

    private string[] Queries() => [.. Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(4) switch
    {
        0 => "base:",
        1 => "qemu:dirty-bitmap:x",
        _ => "base:allocation",
    })];

    private ulong NextCookie() => (ulong)random.NextInt64();

    /// <summary>Cheap contents: what is written is not the point here.</summary>
    private byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes.AsSpan(0, Math.Min(count, 64)));
        return bytes;
    }
}
