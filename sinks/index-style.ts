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
td a { font-family: ui-monospace, monospace; font-size: .85em; overflow-wrap: anywhere }
time, .number { white-space: nowrap; font-variant-numeric: tabular-nums }
.warning { padding: .6rem .9rem; border: 2px solid #c5221f; border-radius: .5rem; font-weight: 600 }
summary { cursor: pointer; margin-bottom: .75rem }
blockquote, p { overflow-wrap: anywhere }
blockquote { margin: 0; padding: .75rem 1rem; background: var(--band); border-left: 3px solid var(--link); border-radius: 0 .5rem .5rem 0 }
`
