using System.Collections.Frozen;

namespace Replication.Actors.Remoting.Codecs;

/// <summary>The codecs of one system by type and by number: the kernel's own and those of its user.</summary>
internal sealed class MessageCodecs
{
    private readonly FrozenDictionary<Type, IMessageCodec> _byType;
    private readonly FrozenDictionary<ushort, IMessageCodec> _byId;

    /// <exception cref="ArgumentException">A number or a type is there twice, or a number is the
    /// kernel's.</exception>
    internal MessageCodecs(IEnumerable<IMessageCodec> codecs)
    {
        List<IMessageCodec> all = [];
        foreach (IMessageCodec codec in codecs)
        {
            if (codec.TypeId < KernelCodecs.FirstUserTypeId)
            {
                throw new ArgumentException(
                    $"codec of {codec.MessageType.Name}: number {codec.TypeId} is below "
                    + $"{KernelCodecs.FirstUserTypeId}",
                    nameof(codecs));
            }

            all.Add(codec);
        }

        all.AddRange(KernelCodecs.All);
        _byType = all.ToFrozenDictionary(codec => codec.MessageType);
        _byId = all.ToFrozenDictionary(codec => codec.TypeId);
        if (_byType.Count != all.Count || _byId.Count != all.Count)
        {
            throw new ArgumentException("two codecs have the same type or number", nameof(codecs));
        }
    }

    internal IMessageCodec? Find(Type type) => _byType.GetValueOrDefault(type);

    internal IMessageCodec? Find(ushort typeId) => _byId.GetValueOrDefault(typeId);
}
