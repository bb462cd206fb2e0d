using System.Globalization;
using System.Net;
using System.Text;

namespace AkkaChat.LoadTest.Reports;

/// <summary>One line of a plot.</summary>
/// <param name="Style">The CSS class that colours it.</param>
internal sealed record Series(string Name, string Style, IReadOnlyList<double> Values);

/// <summary>A time that a plot marks: the ramp or a stall from one second to another, or a storm at one.</summary>
internal sealed record Mark(string Name, double From, double To);

/// <summary>Values over the seconds of a run, as SVG that stands in an HTML page. Colours come from the page's style sheet.</summary>
internal sealed class Plot(string title, string unit, IReadOnlyList<double> seconds, IReadOnlyList<Mark> marks)
{
    private const double Width = 960;
    private const double Height = 240;
    private const double Left = 64;
    private const double Right = 84;
    private const double Top = 14;
    private const double Bottom = 30;
    private const double LabelHeight = 14;
    private const int WantedTicks = 4;

    /// <summary>More points than this are not to be told apart; the worst of each bucket is drawn.</summary>
    private const int MaxPoints = 600;

    private static readonly double[] StepFactors = [1, 2, 5, 10];

    public string Render(params Series[] series)
    {
        var svg = new StringBuilder();
        var step = StepOf(Math.Max(series.SelectMany(s => s.Values).DefaultIfEmpty(0).Max(), 1e-9));
        var top = Math.Max(1, Math.Ceiling(series.SelectMany(s => s.Values).DefaultIfEmpty(0).Max() / step)) * step;
        var end = Math.Max(1, seconds.Count == 0 ? 1 : seconds[^1]);
        svg.Append(CultureInfo.InvariantCulture, $"<figure><figcaption>{Encode(title)} <span>{Encode(unit)}</span></figcaption>");
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Encode(title)}, {Encode(unit)}\">");
        DrawMarks(svg, end);
        DrawAxes(svg, top, step, end);
        foreach (var line in series)
        {
            DrawLine(svg, line, top, end);
        }

        DrawLabels(svg, series, top);
        DrawHover(svg, series, end);
        svg.Append("</svg></figure>");
        return svg.ToString();
    }

    private static double X(double second, double end) => Left + ((Width - Left - Right) * second / end);

    private static double Y(double value, double top) => Height - Bottom - ((Height - Top - Bottom) * value / top);

    private static string F(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    /// <summary>1, 2 or 5 times a power of ten, so that about <see cref="WantedTicks"/> of them reach the largest value.</summary>
    private static double StepOf(double max)
    {
        var rough = max / WantedTicks;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return StepFactors.Select(factor => factor * power).First(step => step >= rough * 0.999);
    }

    private static string Number(double value) => value switch
    {
        0 => "0",
        < 0.1 => value.ToString("0.000", CultureInfo.InvariantCulture),
        < 10 => value.ToString("0.##", CultureInfo.InvariantCulture),
        _ => value.ToString("#,0.#", CultureInfo.InvariantCulture),
    };

    private void DrawMarks(StringBuilder svg, double end)
    {
        foreach (var mark in marks.Where(mark => mark.From < end))
        {
            var (from, to) = (X(mark.From, end), X(Math.Min(mark.To, end), end));
            var shape = mark.From < mark.To
                ? $"<rect class=\"mark\" x=\"{F(from)}\" y=\"{F(Top)}\" width=\"{F(to - from)}\" height=\"{F(Height - Top - Bottom)}\"/>"
                : $"<line class=\"storm\" x1=\"{F(from)}\" x2=\"{F(from)}\" y1=\"{F(Top)}\" y2=\"{F(Height - Bottom)}\"/>";
            svg.Append(shape).Append(CultureInfo.InvariantCulture, $"<text class=\"note\" x=\"{F(from + 4)}\" y=\"{F(Top + 9)}\">{Encode(mark.Name)}</text>");
        }
    }

    private static void DrawAxes(StringBuilder svg, double top, double step, double end)
    {
        for (var value = 0.0; value <= top * 1.0001; value += step)
        {
            var y = F(Y(value, top));
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{F(Left)}\" x2=\"{F(Width - Right)}\" y1=\"{y}\" y2=\"{y}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"tick\" text-anchor=\"end\" x=\"{F(Left - 8)}\" y=\"{y}\" dy=\"4\">{Number(value)}</text>");
        }

        var time = Math.Max(1, StepOf(end * WantedTicks / 8));
        for (var second = 0.0; second <= end + 0.001; second += time)
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text class=\"tick\" text-anchor=\"middle\" x=\"{F(X(second, end))}\" y=\"{F(Height - 10)}\">{F(second)} s</text>");
        }
    }

    private void DrawLine(StringBuilder svg, Series line, double top, double end)
    {
        var per = Math.Max(1, (int)Math.Ceiling((double)seconds.Count / MaxPoints));
        var points = Enumerable.Range(0, (seconds.Count + per - 1) / per).Select(i =>
        {
            var last = Math.Min(seconds.Count, (i + 1) * per) - 1;
            var worst = Enumerable.Range(i * per, last - (i * per) + 1).Max(at => line.Values[at]);
            return $"{F(X(seconds[last], end))},{F(Y(worst, top))}";
        });
        svg.Append(CultureInfo.InvariantCulture, $"<polyline class=\"line {line.Style}\" points=\"{string.Join(' ', points)}\"/>");
    }

    /// <summary>At the end of each line, moved apart where lines end close together.</summary>
    private static void DrawLabels(StringBuilder svg, IReadOnlyList<Series> series, double top)
    {
        var lowest = double.MaxValue;
        foreach (var (line, y) in series.Where(s => s.Values.Count > 0).Select(s => (s, Y(s.Values[^1], top))).OrderByDescending(pair => pair.Item2))
        {
            lowest = Math.Min(y, lowest - LabelHeight);
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"label {line.Style}\" x=\"{F(Width - Right + 8)}\" y=\"{F(lowest)}\" dy=\"4\">{Encode(line.Name)}</text>");
        }
    }

    /// <summary>A strip a second, whose tooltip has the values.</summary>
    private void DrawHover(StringBuilder svg, Series[] series, double end)
    {
        if (seconds.Count > MaxPoints)
        {
            return;
        }

        for (var i = 0; i < seconds.Count; i++)
        {
            var (from, to) = (X(i == 0 ? 0 : seconds[i - 1], end), X(seconds[i], end));
            var at = i;
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<rect class=\"hover\" x=\"{F(from)}\" y=\"{F(Top)}\" width=\"{F(to - from)}\" height=\"{F(Height - Top - Bottom)}\"><title>{F(seconds[i])} s\n");
            svg.Append(string.Join('\n', series.Select(s => $"{Encode(s.Name)}: {Number(s.Values[at])} {Encode(unit)}"))).Append("</title></rect>");
        }
    }
}
