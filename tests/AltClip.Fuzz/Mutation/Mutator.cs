namespace AltClip.Fuzz.Mutation;

/// <summary>Changes a file in the way that fits its kind.</summary>
internal static class Mutator
{
    public static byte[] Mutate(string name, byte[] content, Random random)
    {
        var times = random.Next(10) < 7 ? 1 : random.Next(2, 5);
        for (var i = 0; i < times; i++) content = Once(name, content, random);
        return content;
    }

    private static byte[] Once(string name, byte[] content, Random random)
    {
        // what is no longer of its kind is found out early, so that it is done rarely
        if (random.Next(10) == 0) return BytesMutator.Mutate(content, random);
        return Path.GetExtension(name) switch
        {
            ".json" => JsonMutator.Mutate(content, random),
            ".safetensors" => SafeTensorsMutator.Mutate(content, random),
            ".model" => ProtobufMutator.Mutate(content, random),
            ".txt" => TextMutator.Mutate(random),
            _ => BytesMutator.Mutate(content, random),
        };
    }
}
