using System.Buffers.Binary;
using System.Text;

namespace AltClip.Tests;

/// <summary>Safetensors files written by hand, to be wrong where a test wants them to be.</summary>
internal static class SafeTensorsBytes
{
    public static byte[] Of(string header, int dataBytes) => Of(Encoding.UTF8.GetBytes(header), dataBytes);

    public static byte[] Of(byte[] header, int dataBytes)
    {
        var bytes = new byte[sizeof(long) + header.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, header.Length);
        header.CopyTo(bytes, sizeof(long));
        for (int i = 0; i < dataBytes; i++)
            bytes[sizeof(long) + header.Length + i] = (byte)i;

        return bytes;
    }

    public static string Tensor(string name, string dtype, string shape, string offsets) =>
        $$"""{"{{name}}":{"dtype":"{{dtype}}","data_offsets":{{offsets}},"shape":{{shape}} } }""";
}
