/** The page's style: light, dark and A4; no font, image or script from anywhere. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6470; --paper: #fff; --panel: #f5f6f8; --line: #d9dde3;
  --good: #1a7f4b; --bad: #b3261e; --warn: #8a5a00;
  --reads: #2a6fbb; --lists: #7db0e0; --deposits: #1f9e89; --changes: #e0a32e; --sessions: #9aa3ae; --refusals: #c8453c; --other: #c9ced6 }
@media (prefers-color-scheme: dark) { :root { --ink: #e7eaee; --soft: #a3acb8; --paper: #14171b; --panel: #1d2127; --line: #343a43;
  --good: #56c58b; --bad: #ff8a80; --warn: #f0c060;
  --reads: #5aa0ea; --lists: #35618f; --deposits: #3fc2ac; --changes: #e0b050; --sessions: #7b8592; --refusals: #f0746b; --other: #4a525d } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 50rem; padding: 2.5rem 1.25rem 4rem; color: var(--ink); background: var(--paper);
  font: 16px/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem } h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem } h3 { font-size: 1rem; margin: 0 }
p { margin: .5rem 0 } .soft { color: var(--soft) } code { font: .875em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere }
.verdict { margin: 1.5rem 0; padding: 1rem 1.25rem; border-left: 6px solid var(--bad); background: var(--panel) }
.verdict.holds { border-color: var(--good) } .verdict.open { border-color: var(--warn) }
.verdict strong { display: block; font-size: 1.5rem; color: var(--bad) } .holds strong { color: var(--good) } .open strong { color: var(--warn) }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; padding: 0; margin: 1rem 0; list-style: none }
.figures li { background: var(--panel); padding: .6rem .8rem; border-radius: 4px } .figures b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums }
article { border: 1px solid var(--line); border-radius: 4px; padding: .9rem 1.1rem; margin: .75rem 0; break-inside: avoid }
dl { display: grid; grid-template-columns: 7rem 1fr; gap: .15rem .75rem; margin: .5rem 0 0 } dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; font-size: .9rem; margin: .5rem 0 } th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums } th { font-weight: 600 }
figure { margin: 1rem 0; break-inside: avoid } section.whole { break-inside: avoid } svg { width: 100%; height: auto; display: block }
svg text { font: 12px system-ui, "Segoe UI", Arial, sans-serif; fill: var(--soft) } svg .name { text-anchor: end } svg .value { fill: var(--ink) }
.grid { stroke: var(--line); stroke-width: 1 } details { margin: .4rem 0 } summary { cursor: pointer; color: var(--soft); font-size: .9rem }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; padding: 0; margin: .5rem 0 0 3.2rem; font-size: .85rem }
.dot { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .4em }
${['reads', 'lists', 'deposits', 'changes', 'sessions', 'refusals', 'other'].map(name => `.c-${name} { fill: var(--${name}); background: var(--${name}) }`).join('\n')}
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .85rem }
@page { size: A4; margin: 18mm 16mm 20mm }
@media print { :root { color-scheme: light; --ink: #000; --soft: #444; --paper: #fff; --panel: #f3f4f6; --line: #ccc; --good: #1a7f4b; --bad: #b3261e; --warn: #8a5a00;
  --reads: #2a6fbb; --lists: #7db0e0; --deposits: #1f9e89; --changes: #e0a32e; --sessions: #9aa3ae; --refusals: #c8453c; --other: #c9ced6 }
  body { max-width: none; padding: 0; font-size: 10.5pt; print-color-adjust: exact; -webkit-print-color-adjust: exact } details:not([open]) { display: none } h2 { break-after: avoid } }
`
