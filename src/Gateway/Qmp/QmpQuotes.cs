using System.Buffers;

namespace Replication.Gateway.Qmp;

/// <summary>QEMU also takes strings in single quotes; this turns them into JSON's.</summary>
internal static class QmpQuotes
{
    /// <summary>
    /// The same value with double quotes only; the very array when it has no single quote at all.
    /// </summary>
    public static byte[] ToDouble(byte[] json)
    {
        if (!json.AsSpan().Contains((byte)'\''))
        {
            return json;
        }

        ArrayBufferWriter<byte> output = new(json.Length + 16);
        byte quote = 0;
        for (int at = 0; at < json.Length; at++)
        {
            byte next = json[at];
            if (quote == 0)
            {
                quote = next is (byte)'"' or (byte)'\'' ? next : (byte)0;
                output.Write([quote == 0 ? next : (byte)'"']);
            }
            else if (next == '\\' && at + 1 < json.Length)
            {
                at++;
                output.Write(json[at] == '\'' ? "'"u8 : [next, json[at]]);
            }
            else if (next == quote)
            {
                quote = 0;
                output.Write("\""u8);
            }
            else
            {
                output.Write(next == '"' ? "\\\""u8 : [next]);
            }
        }

        return output.WrittenSpan.ToArray();
    }
}
