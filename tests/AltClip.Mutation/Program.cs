using AltClip.Mutation;

var arguments = MutationArguments.Parse(args);
if (arguments is null)
{
    Console.Error.WriteLine(MutationArguments.Usage);
    return 2;
}
new MutationRun(arguments).Go(Console.Out);
return 0;
