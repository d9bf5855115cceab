namespace Replication.Gateway.Qmp;

/// <summary>
/// Cuts a client's byte stream into JSON values, as QEMU does: by brackets and quotes, so that a value may
/// span lines and several may share one. A value is at most <see cref="LengthMaxBytes"/> long and
/// <see cref="DepthMax"/> deep; more memory than that is never used for input.
/// </summary>
internal sealed class QmpFramer
{
    /// <summary>Longest value, in bytes. A longer one ends the connection.</summary>
    public const int LengthMaxBytes = 1024 * 1024;

    /// <summary>Deepest nesting of objects and arrays.</summary>
    public const int DepthMax = 64;

    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _scanned;
    private int _end;
    private int _depth;
    private byte _quote;
    private bool _escaped;
    private bool _skipsLine;

    /// <summary>Takes received bytes; the caller then calls <see cref="Take"/> until it gives null.</summary>
    public void Append(ReadOnlySpan<byte> received)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _scanned -= _start;
            _end -= _start;
            _start = 0;
        }

        if (_buffer.Length < _end + received.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _end + received.Length));
        }

        received.CopyTo(_buffer.AsSpan(_end));
        _end += received.Length;
    }

    /// <summary>The next whole value or error; null when more bytes are needed.</summary>
    public QmpInput? Take()
    {
        while (_scanned < _end)
        {
            if (_scanned - _start >= LengthMaxBytes)
            {
                return new QmpInput(Json: null, "JSON token size limit exceeded", IsFatal: true);
            }

            byte next = _buffer[_scanned];
            QmpInput? input = _skipsLine ? SkipLine(next)
                : _quote != 0 ? InString(next)
                : OutsideString(next);
            if (input is not null)
            {
                return input;
            }
        }

        return null;
    }

    private QmpInput? SkipLine(byte next)
    {
        _skipsLine = next != '\n';
        Drop();
        return null;
    }

    private QmpInput? InString(byte next)
    {
        _scanned++;
        if (next < ' ')
        {
            // A raw control character, most often the line's end after a forgotten quote.
            bool endsLine = next == '\n';
            QmpInput broken = Broken($"JSON parse error, stray '\\u{(int)next:X4}' in a string");
            _skipsLine = !endsLine;
            return broken;
        }

        if (_escaped)
        {
            _escaped = false;
        }
        else if (next == '\\')
        {
            _escaped = true;
        }
        else if (next == _quote)
        {
            _quote = 0;
            return _depth == 0 ? Value() : null;
        }

        return null;
    }

    private QmpInput? OutsideString(byte next)
    {
        bool inWord = _depth == 0 && _scanned > _start;
        switch (next)
        {
            case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                if (inWord)
                {
                    return Value();
                }

                if (_depth == 0)
                {
                    Drop();
                }
                else
                {
                    _scanned++;
                }

                return null;
            case (byte)'{' or (byte)'[':
                if (inWord)
                {
                    return Value();
                }

                _scanned++;
                return ++_depth > DepthMax ? Broken("JSON nesting depth limit exceeded") : null;
            case (byte)'}' or (byte)']':
                if (inWord)
                {
                    return Value();
                }

                _scanned++;
                _depth = Math.Max(0, _depth - 1);
                return _depth == 0 ? Value() : null;
            case (byte)'"' or (byte)'\'':
                if (inWord)
                {
                    return Value();
                }

                _quote = next;
                break;
        }

        _scanned++;
        return null;
    }

    private QmpInput Value()
    {
        byte[] json = _buffer.AsSpan(_start, _scanned - _start).ToArray();
        _start = _scanned;
        return new QmpInput(json);
    }

    /// <summary>
    /// Gives up what was begun; what follows on its line is skipped, so that one mistake is one error.
    /// </summary>
    private QmpInput Broken(string error)
    {
        _start = _scanned;
        _depth = 0;
        _quote = 0;
        _escaped = false;
        _skipsLine = true;
        return new QmpInput(Json: null, error);
    }

    private void Drop()
    {
        _scanned++;
        _start = _scanned;
    }
}
