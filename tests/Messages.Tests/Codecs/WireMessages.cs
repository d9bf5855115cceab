using FsCheck;
using FsCheck.Fluent;
using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Messages.Digests;

namespace Replication.Messages.Tests.Codecs;

/// <summary>Random wire messages of every type, and a text of all that one says.</summary>
internal static class WireMessages
{
    private static readonly Gen<int> Ints = Of<int>();
    private static readonly Gen<uint> UInts = Of<uint>();
    private static readonly Gen<long> Longs = Of<long>();
    private static readonly Gen<ulong> ULongs = Of<ulong>();
    private static readonly Gen<bool> Bools = Of<bool>();
    private static readonly Gen<byte[]> Bytes = Of<byte[]>();
    private static readonly Gen<string> Texts = Of<NonNull<string>>().Select(static text =>
        new string([.. text.Get.Where(static character => !char.IsSurrogate(character))]));

    private static readonly Gen<DigestKind> Kinds = Gen.Elements(DigestKind.Xxh128, DigestKind.Sha256);

    private static readonly Gen<Digest> SomeDigests =
        from kind in Kinds from bytes in Bytes select Digest.Compute(kind, bytes);

    private static readonly Gen<Digest> Digests = Gen.OneOf(SomeDigests, Gen.Constant(default(Digest)));

    private static readonly Gen<PooledBuffer> Payloads =
        Bytes.Select(static bytes => PooledBuffer.CopyOf([.. bytes, 1]));

    private static readonly Gen<ReplicaTicket> Tickets =
        from epoch in UInts
        from session in UInts
        from incarnation in ULongs
        select new ReplicaTicket(epoch, session, incarnation);

    private static readonly Gen<ReplicaIdentity> Identities =
        from name in Texts
        from volume in Of<Guid>()
        from replica in Of<Guid>()
        from size in Longs
        select new ReplicaIdentity(name, volume, replica, size);

    private static readonly Gen<DiskExtent> Extents =
        from offset in Longs
        from length in Longs
        from isHole in Bools
        select new DiskExtent(offset, length, isHole);

    private static readonly Gen<ByteRange> Ranges =
        from offset in Longs from length in Longs select new ByteRange(offset, length);

    private static readonly Gen<ZoneRun> ZoneRuns =
        from first in Longs from count in Longs select new ZoneRun(first, count);

    private static readonly Gen<RegionStamp> RegionStamps =
        from region in Longs from stamp in ULongs select new RegionStamp(region, stamp);

    private static readonly Gen<Digest[]?> Blocks = Gen.OneOf(
        Gen.Constant<Digest[]?>(null),
        from kind in Kinds
        from contents in Bytes.ArrayOf()
        select (Digest[]?)[.. contents.Select(bytes => Digest.Compute(kind, bytes))]);

    /// <summary>Any message that crosses between nodes.</summary>
    internal static Arbitrary<object> Any { get; } = Gen.OneOf(
        Requests().Select(Numbered).Concat(StorageRequests()).Concat(Answers()).ToArray()).ToArbitrary();

    /// <summary>Equal for messages that say the same, whatever buffers and lists they say it with.</summary>
    internal static string Describe(object message) => message switch
    {
        WriteReplica write => $"{write with { Payload = null! }} {Hex(write.Payload)}",
        ReplicaRead read => $"{read with { Data = null, BlockDigests = null }} {Hex(read.Data)} "
            + (read.BlockDigests is null ? "none" : string.Join(",", read.BlockDigests)),
        ReplicaExtents extents => $"{extents.Tag} {string.Join(",", extents.Extents)}",
        ReplicaRegions regions => $"{regions.Tag} {string.Join(",", regions.Regions)} {regions.NextRegion}",
        ReplicaOpened opened => $"{opened with { UnderWay = [], HotZones = [] }} "
            + $"{string.Join(",", opened.UnderWay)} {string.Join(",", opened.HotZones)}",
        StoreReplicaRecord store =>
            $"{store with { Record = default }} {Convert.ToHexString(store.Record.Span)}",
        _ => message.ToString()!,
    };

    private static IEnumerable<Gen<object>> Requests()
    {
        yield return from tag in Ints
                     from ticket in Tickets
                     from offset in Longs
                     from length in Ints
                     from mode in Gen.Elements(Enum.GetValues<ReplicaReadMode>())
                     from kind in Kinds
                     select (object)new ReadReplica(tag, ticket, offset, length, mode, kind);
        yield return from tag in Ints
                     from ticket in Tickets
                     from stamp in ULongs
                     from lowWater in ULongs
                     from offset in Longs
                     from payload in Payloads
                     from fua in Bools
                     select (object)new WriteReplica(tag, ticket, stamp, lowWater, offset, payload, fua);
        yield return from tag in Ints
                     from ticket in Tickets
                     from stamp in ULongs
                     from lowWater in ULongs
                     from offset in Longs
                     from length in Longs
                     from mode in Gen.Elements(Enum.GetValues<ZeroMode>())
                     from fua in Bools
                     select (object)new ZeroReplica(tag, ticket, stamp, lowWater, offset, length, mode, fua);
        yield return from tag in Ints
                     from ticket in Tickets
                     from checkpoint in ULongs
                     select (object)new FlushReplica(tag, ticket, checkpoint);
        yield return from tag in Ints
                     from ticket in Tickets
                     from offset in Longs
                     from length in Longs
                     select (object)new QueryReplicaExtents(tag, ticket, offset, length);
        yield return from tag in Ints
                     from ticket in Tickets
                     from serial in Longs
                     from record in Bytes
                     select (object)new StoreReplicaRecord(tag, ticket, serial, record);
        yield return from tag in Ints
                     from ticket in Tickets
                     from checkpoint in ULongs
                     select (object)new CloseReplica(tag, ticket) { Checkpoint = checkpoint };
        yield return from tag in Ints
                     from ticket in Tickets
                     from stamp in ULongs
                     from lowWater in ULongs
                     from offset in Longs
                     from length in Longs
                     select (object)new StampReplica(tag, ticket, stamp, lowWater, offset, length);
        yield return from tag in Ints
                     from ticket in Tickets
                     from after in ULongs
                     from first in Longs
                     select (object)new ListReplicaRegions(tag, ticket, after, first);
        yield return from tag in Ints
                     from ticket in Tickets
                     from clean in ULongs
                     select (object)new SettleReplica(tag, ticket, clean);
        yield return from tag in Ints
                     from ticket in Tickets
                     select (object)new ConfirmReplica(tag, ticket);
    }

    private static Gen<object> Numbered(Gen<object> requests) =>
        from request in requests
        from number in ULongs
        select (object)((ReplicaRequest)request with { RequestNumber = number });

    private static IEnumerable<Gen<object>> StorageRequests()
    {
        yield return from tag in Ints
                     from identity in Identities
                     select (object)new CreateReplica(tag, identity);
        yield return from tag in Ints
                     from identity in Identities
                     from serial in Longs
                     from epoch in UInts
                     select (object)new RemoveReplica(tag, identity, serial, epoch);
        yield return from tag in Ints
                     from identity in Identities
                     from serial in Longs
                     from epoch in UInts
                     from session in UInts
                     from role in Gen.Elements(Enum.GetValues<ReplicaRole>())
                     select (object)new OpenReplica(tag, identity, serial, epoch, session) { Role = role };
    }

    private static IEnumerable<Gen<object>> Answers()
    {
        yield return from tag in Ints
                     from incarnation in ULongs
                     from clean in ULongs
                     from continuous in Bools
                     from serial in Longs
                     from incomplete in Bools
                     from underWay in Ranges.ArrayOf()
                     from hot in ZoneRuns.ArrayOf()
                     select (object)new ReplicaOpened(tag, incarnation, clean, continuous, serial)
                     {
                         Incomplete = incomplete,
                         UnderWay = underWay,
                         HotZones = hot,
                     };
        yield return from tag in Ints
                     from digest in Digests
                     from payload in PerhapsPayload()
                     from blocks in Blocks
                     select (object)new ReplicaRead(tag, digest, payload, blocks);
        yield return from tag in Ints select (object)new ReplicaDone(tag);
        yield return from tag in Ints
                     from refusal in Gen.Elements(Enum.GetValues<ReplicaRefusal>())
                     from errno in Ints
                     from reason in Texts
                     select (object)new ReplicaFailed(tag, refusal, errno, reason);
        yield return from tag in Ints
                     from extents in Extents.ArrayOf()
                     select (object)new ReplicaExtents(tag, extents);
        yield return from tag in Ints
                     from regions in RegionStamps.ArrayOf()
                     from next in Longs
                     select (object)new ReplicaRegions(tag, regions, next);
    }

    private static Gen<PooledBuffer?> PerhapsPayload() => Gen.OneOf(
        Payloads.Select(static payload => (PooledBuffer?)payload), Gen.Constant<PooledBuffer?>(null));

    private static Gen<T> Of<T>() => ArbMap.Default.ArbFor<T>().Generator;

    private static string Hex(PooledBuffer? buffer) =>
        buffer is null ? "none" : Convert.ToHexString(buffer.Span);
}
