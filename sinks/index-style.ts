/** Follows the reader's light or dark choice; system fonts, nothing is loaded from elsewhere. */
export const indexStyle = `
:root { color-scheme: light dark; --page: #fff; --text: #1b1f26; --line: #d8dce2; --soft: #5b6472; --band: #f5f7fa; --link: #0b57d0 }
@media (prefers-color-scheme: dark) {
  :root { --page: #14161a; --text: #e6e9ee; --line: #3a3f48; --soft: #a2abb8; --band: #1d2026; --link: #8ab4f8 }
}
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; background: var(--page); color: var(--text) }
main { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 4rem }
h1 { margin: 0 0 1rem; font-size: 1.9rem; overflow-wrap: anywhere }
h2 { margin: 2.25rem 0 .75rem; font-size: 1.2rem }
a { color: var(--link) }
.facts { display: flex; flex-wrap: wrap; gap: .75rem; margin: 0 0 1rem }
.facts div { padding: .6rem .9rem; background: var(--band); border: 1px solid var(--line); border-radius: .5rem }
dt { font-size: .8rem; color: var(--soft) }
dd { margin: 0; font-weight: 600 }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem }
table { width: 100%; border-collapse: collapse; font-size: .9rem }
th, td { padding: .45rem .75rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line) }
th { background: var(--band); font-weight: 600; white-space: nowrap }
tbody tr:last-child td { border-bottom: 0 }
td a, code { font-family: ui-monospace, monospace; font-size: .85em }
td a { white-space: nowrap }
.codes { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0 }
.codes dd { font-weight: 400 }
dt code { color: var(--text); font-size: .95rem }
time, .number { white-space: nowrap; font-variant-numeric: tabular-nums }
.warning { padding: .6rem .9rem; border: 2px solid #c5221f; border-radius: .5rem; font-weight: 600 }
@media (max-width: 40rem) {
  main { padding: 1.25rem .9rem 3rem }
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden }
  table, tbody { display: block }
  tr { display: block; padding: .5rem .75rem; border-bottom: 1px solid var(--line) }
  tbody tr:last-child { border-bottom: 0 }
  td { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); gap: .6rem; padding: .1rem 0; border: 0; overflow-wrap: anywhere }
  td::before { content: attr(data-label); font-size: .8rem; color: var(--soft) }
  td a { white-space: normal }
  .codes { grid-template-columns: 1fr; gap: 0 }
  .codes dd { margin-bottom: .5rem }
}
summary { cursor: pointer; margin-bottom: .75rem }
blockquote, p { overflow-wrap: anywhere }
blockquote { margin: 0; padding: .75rem 1rem; background: var(--band); border-left: 3px solid var(--link); border-radius: 0 .5rem .5rem 0 }
`
