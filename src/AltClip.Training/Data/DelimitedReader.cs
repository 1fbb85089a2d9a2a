using System.Text;

namespace AltClip.Training.Data;

/// <summary>
/// Reads records of fields as RFC 4180 says, with any delimiter; line breaks may be \n or \r\n. Empty lines are no records.
/// </summary>
internal sealed class DelimitedReader(TextReader reader, char delimiter, bool quoted)
{
    private readonly StringBuilder _field = new();
    private int _line = 1;

    /// <summary>The next record.</summary>
    /// <returns>The line that it starts on, counted from 1, its fields, and what is wrong with it; null at the end.</returns>
    public (int Line, List<string> Fields, string? Problem)? Read()
    {
        while (reader.Peek() is '\n' or '\r') Next();
        if (reader.Peek() < 0) return null;
        var (line, fields) = (_line, new List<string>());
        string? problem = null;
        do fields.Add(quoted && reader.Peek() == '"' ? Quoted(ref problem) : Plain());
        while (reader.Peek() == delimiter && Next() >= 0);
        if (reader.Peek() == '\r') Next();
        if (reader.Peek() == '\n') Next();
        return (line, fields, problem);
    }

    private string Plain()
    {
        _field.Clear();
        while (!AtEndOfField()) _field.Append((char)Next());
        return _field.ToString();
    }

    private string Quoted(ref string? problem)
    {
        _field.Clear();
        Next();
        for (int next; (next = Next()) != '"' || reader.Peek() == '"';)
        {
            if (next < 0)
            {
                problem = "a quotation mark that is never closed; double the marks of the text, or read the table without quotes";
                return "";
            }
            _field.Append((char)next);
            if (next == '"') Next();
        }
        if (!AtEndOfField())
        {
            problem = "text after a closing quotation mark; double the marks of the text, or read the table without quotes";
            Plain();
        }
        return _field.ToString();
    }

    private bool AtEndOfField()
    {
        var next = reader.Peek();
        return next < 0 || next == delimiter || next is '\n' or '\r';
    }

    private int Next()
    {
        var next = reader.Read();
        if (next == '\n') _line++;
        return next;
    }
}
