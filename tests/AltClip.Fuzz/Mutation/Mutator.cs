namespace AltClip.Fuzz.Mutation;

/// <summary>Changes a file in the way that fits its kind.</summary>
internal static class Mutator
{
    public static Mutated Mutate(string name, byte[] content, Random random)
    {
        if (random.Next(10) < 7) return Once(name, content, random);
        for (var i = random.Next(2, 5); i > 0; i--) content = Once(name, content, random).Content;
        return new(content);
    }

    private static Mutated Once(string name, byte[] content, Random random)
    {
        // what is no longer of its kind is found out early, so that it is done rarely
        if (random.Next(10) == 0) return new(BytesMutator.Mutate(content, random));
        return Path.GetExtension(name) switch
        {
            ".json" => JsonMutator.Mutate(content, random),
            ".safetensors" => SafeTensorsMutator.Mutate(content, random),
            ".model" => new(ProtobufMutator.Mutate(content, random)),
            ".bin" => new(PickleMutator.Mutate(content, random)),
            ".tar" => new(TarMutator.Mutate(content, random)),
            ".txt" when name == "lines.txt" => new(TextMutator.Mutate(random)),
            _ => new(BytesMutator.Mutate(content, random)),
        };
    }
}
