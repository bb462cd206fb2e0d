namespace AkkaChat.EndToEnd.Tests;

/// <summary>
/// What does not fit with the text at twice its size: a page or a part of it that scrolls sideways, text that is cut off without an ellipsis, and text
/// and controls that lie under others.
/// </summary>
internal sealed class FitReport : ViewReport
{
    internal static readonly (int Width, int Height) Phone = (390, 844);

    private static readonly (int Width, int Height) Desk = (1440, 900);

    /// <summary>As a browser does whose text is set to twice the size.</summary>
    internal const string DoubleText = """
        (() => {
          const grow = () => document.documentElement?.style.setProperty('font-size', '200%');
          grow();
          addEventListener('DOMContentLoaded', grow);
        })();
        """;

    /// <summary>
    /// Only what is on top is looked at: a menu, else a dialog, else a sheet, else the page. Code, tables and pictures may scroll sideways or be cut. A part that is
    /// hidden in a scroller can be scrolled to; a part that is hidden elsewhere cannot.
    /// </summary>
    private const string ProblemsScript = """
        () => {
          const slack = 2;
          const problems = [];
          const page = document.documentElement;
          const sheet = document.querySelector('[class*=scrim]') && document.querySelector('[data-testid=members-panel]');
          const top = [...document.querySelectorAll('[role=menu]')].at(-1) ?? [...document.querySelectorAll('dialog[open]')].at(-1) ?? sheet ?? document.body;
          const name = e => {
            const named = e.closest('[data-testid]');
            const text = (e.textContent || e.getAttribute('aria-label') || '').trim().replace(/\s+/g, ' ').slice(0, 40);
            return `<${e.tagName.toLowerCase()}${named ? ` ${named === e ? '' : 'in '}${named.dataset.testid}` : ''}> "${text}"`;
          };
          const styles = new Map();
          const style = e => styles.get(e) ?? (styles.set(e, getComputedStyle(e)), styles.get(e));
          const isShown = e => e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
          const mayScroll = e => e.matches('pre, [class*=table], [class*=scroll] table, [data-testid$=-table]') || e.querySelector(':scope > table, :scope > pre');
          const isHiddenOnPurpose = e => e.closest('.visually-hidden, [class*=skip], [inert]');

          if (page.scrollWidth > page.clientWidth) problems.push(`the page is ${page.scrollWidth} px wide`);
          for (const e of top.querySelectorAll('*')) {
            if (!/auto|scroll/.test(style(e).overflowX) || mayScroll(e) || !isShown(e) || e.matches('textarea, input')) continue;
            if (e.scrollWidth > e.clientWidth + slack) problems.push(`${name(e)} scrolls sideways: ${e.scrollWidth} of ${e.clientWidth} px`);
          }

          // What of a box can be seen, and what is cut off where nothing scrolls to it.
          const see = (e, box) => {
            const seen = { left: box.left, right: box.right, top: box.top, bottom: box.bottom };
            let cut = null;
            let [x, y] = [true, true];
            for (let up = e; up && up !== page; up = up.parentElement) {
              const s = style(up);
              const frame = up.getBoundingClientRect();
              const hides = axis => s[axis] !== 'visible';
              const scrolls = axis => /auto|scroll/.test(s[axis]);
              const clamps = s.webkitLineClamp !== 'none' || up.matches('[data-cut]');
              if (hides('overflowX') && up !== document.body) {
                if (x && !scrolls('overflowX') && s.textOverflow !== 'ellipsis' && !clamps && (seen.right > frame.right + slack || seen.left < frame.left - slack)) cut ??= `at the side by ${name(up)}`;
                if (scrolls('overflowX') || s.textOverflow === 'ellipsis') x = false;
                seen.left = Math.max(seen.left, frame.left);
                seen.right = Math.min(seen.right, frame.right);
              }
              if (hides('overflowY') && up !== document.body) {
                if (y && !scrolls('overflowY') && !clamps && (seen.bottom > frame.bottom + slack || seen.top < frame.top - slack)) cut ??= `above or below by ${name(up)}`;
                if (scrolls('overflowY') || clamps) y = false;
                seen.top = Math.max(seen.top, frame.top);
                seen.bottom = Math.min(seen.bottom, frame.bottom);
              }
              if (s.position === 'fixed') break;
            }
            if (x && (seen.left < -slack || seen.right > innerWidth + slack)) cut ??= 'at the side by the window';
            if (y && (seen.top < -slack || seen.bottom > innerHeight + slack)) cut ??= 'above or below by the window';
            seen.left = Math.max(seen.left, 0);
            seen.right = Math.min(seen.right, innerWidth);
            seen.top = Math.max(seen.top, 0);
            seen.bottom = Math.min(seen.bottom, innerHeight);
            return { cut, seen };
          };

          // What is in front may lie over a list on purpose: the bar of what is new, the button to the end, the tools of a message.
          const isInFront = e => e.closest('[data-testid=unread-bar], [data-testid=jump-latest], [data-testid=toast], [data-testid=suggestions], [data-testid=members-panel], [data-testid=room-item-menu], [class*=actions], [class*=copy]');
          const check = (e, box, what) => {
            if (box.width < 2 || box.height < 2) return;
            const { cut, seen } = see(e, box);
            if (cut) problems.push(`${what} ${name(e)} is cut off ${cut}`);
            const [width, height] = [seen.right - seen.left, seen.bottom - seen.top];
            if (width < box.width / 2 || height < Math.min(box.height / 2, 12) || style(e).pointerEvents === 'none') return;
            for (const part of [0.1, 0.5, 0.9]) {
              const hit = document.elementFromPoint(seen.left + width * part, (seen.top + seen.bottom) / 2);
              if (!hit || hit === e || e.contains(hit) || hit.contains(e) || isInFront(hit)) continue;
              if (hit.closest('label')?.contains(e) || e.closest('label')?.contains(hit)) continue;
              problems.push(`${what} ${name(e)} lies under ${name(hit)}`);
              return;
            }
          };

          for (const e of top.querySelectorAll('button, a[href], input:not([type=hidden], [type=file]), select, textarea')) {
            if (!isShown(e) || isHiddenOnPurpose(e) || style(e).opacity === '0') continue;
            check(e, e.getBoundingClientRect(), 'the control');
          }
          const walker = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const e = node.parentElement;
            if (!node.data.trim() || !isShown(e) || isHiddenOnPurpose(e) || e.closest('pre, option, [class*=table]')) continue;
            const range = document.createRange();
            range.selectNodeContents(node);
            for (const box of range.getClientRects()) check(e, box, 'the text');
          }
          return [...new Set(problems)];
        }
        """;

    /// <summary>At both sizes; the person's is the phone's before and after.</summary>
    public override async Task CheckAsync(Person person, string view)
    {
        await person.Page.SetViewportSizeAsync(Desk.Width, Desk.Height);
        await CheckOpenAsync(person, view);
        await person.Page.SetViewportSizeAsync(Phone.Width, Phone.Height);
        await CheckOpenAsync(person, view);
    }

    protected override async Task CheckOpenAsync(Person person, string view)
    {
        var width = person.Page.ViewportSize!.Width;
        await Screens.SettleAsync(person.Page);
        await Screens.KeepAsync(person.Page, $"large-{view}-{width}");
        foreach (var problem in await person.Page.EvaluateAsync<string[]>(ProblemsScript))
        {
            Add($"{view}, {width}: {problem}");
        }
    }
}
