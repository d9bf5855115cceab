namespace Replication.Messages.Tests.Digests;

/// <summary>Bytes for hashing that are the same in every run.</summary>
internal static class TestData
{
    /// <summary>Random bytes from a seed.</summary>
    public static byte[] Random(int seed, int lengthBytes)
    {
        byte[] data = new byte[lengthBytes];
        new Random(seed).NextBytes(data);
        return data;
    }

    /// <summary>The bytes the known hashes in <see cref="Xxh128Tests"/> are of.</summary>
    public static byte[] Pattern(int lengthBytes)
    {
        byte[] data = new byte[lengthBytes];
        for (int index = 0; index < lengthBytes; index++)
        {
            data[index] = (byte)((index * 131) + ((index >> 8) * 17));
        }

        return data;
    }
}
