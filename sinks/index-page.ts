import type { Manifest, ManifestCounts, ManifestFile, ManifestList, ManifestSection } from '../schemas/manifest.js'
import type { Pin } from '../schemas/pin.js'
import { refusalCodes } from '../schemas/refusal.js'
import { indexStyle } from './index-style.js'
import { keptMs } from './kept-versions.js'
import { fileCounts } from './manifest-lists.js'
import { manifestVersionKey, pinKey } from './naming.js'

/** Beyond this many files a page is no help to a person; the manifest lists all. */
const shownFiles = 1_000

/** `index.html`: the manifest for people, and how to cite it: `pins` are the versions that stay, ascending. Every text in it is escaped, since learners and researchers wrote some of them. No scripts. */
export function indexPage(manifest: Manifest, pins: readonly Pin[] = []): string {
  const name = escapeHtml(manifest.dataset)
  return `<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}: dataset</title>
<style>${indexStyle}</style>
</head>
<body>
<main>
<h1>${name}</h1>
${summary(manifest)}
${publicKeyPart(manifest)}${filesPart(manifest)}
${columnsPart(manifest)}
${sectionsPart(manifest)}
${parametersPart(manifest)}
${citePart(manifest, pins)}
</main>
</body>
</html>
`
}

function summary(manifest: Manifest): string {
  const { context, counts, completeThrough, updatedAt, revision, revisionOrdinal, version } = manifest
  const all = fileCounts(manifest)
  const complete = completeThrough ?? 'not yet: the history of a selected section is not loaded'
  return `<dl class="facts">
<div><dt>Kind</dt><dd>${escapeHtml(context.action)}</dd></div>
<div><dt>Rows</dt><dd>${number(counts.rows)}</dd></div>
<div><dt>Files</dt><dd>${number(all.files)}, ${size(all.bytes)}</dd></div>
<div><dt>Complete through</dt><dd>${completeThrough === null ? escapeHtml(complete) : time(complete)}</dd></div>
<div><dt>Updated</dt><dd>${time(updatedAt)}</dd></div>
<div><dt>Revision</dt><dd>${number(revisionOrdinal ?? revision)}, version ${number(version)}</dd></div>
</dl>
<p>For programs: <a href="manifest.json">manifest.json</a>. Every file is listed there${manifest.lists.length > 0 ? ', or in a list that it names,' : ''} with its SHA-256.</p>`
}

function publicKeyPart({ producedBy }: Manifest): string {
  if (producedBy.pseudonymKeyIsPublic !== true) return ''
  return '<p class="warning">The pseudonyms are made with a key that everybody knows: they hide nobody. Only for learners who are made up.</p>\n'
}

function columnsPart({ columns, fields }: Manifest): string {
  const known = fields ?? columns.map(name => ({ name, type: '', about: '' }))
  const rows = known.map(({ name, type, about }) => [`<code>${escapeHtml(name)}</code>`, escapeHtml(type), withCode(about)])
  return `<h2>Columns</h2>\n${table(['Column', 'Type', 'Says'], rows)}`
}

/** Meanings are written with `code`. */
const withCode = (about: string) => escapeHtml(about).replace(/`([^`]+)`/g, '<code>$1</code>')

function filesPart({ files, lists }: Manifest): string {
  if (lists.length > 0)
    return `<h2>Files</h2>\n<p>They are too many for a page: each of these lists has up to a thousand.</p>\n${listsTable(lists)}`
  if (files.length === 0) return '<h2>Files</h2>\n<p>No rows yet.</p>'
  const more = files.length > shownFiles ? `<p>${number(files.length - shownFiles)} more are in the manifest.</p>\n` : ''
  const headings = ['File', 'Rows', 'Size', 'First event', 'Last event']
  return `<h2>Files</h2>\n${table(headings, files.slice(0, shownFiles).map(fileCells))}\n${more}`
}

function listsTable(lists: readonly ManifestList[]): string {
  const cells = lists.map((list, i) => [link(list.key, `List ${i + 1}`), number(list.files), number(list.rows), size(list.fileBytes)])
  return table(['List', 'Files', 'Rows', 'Size'], cells)
}

function fileCells(file: ManifestFile): string[] {
  return [
    link(file.key, `${file.topic} p${file.partition}, ${placeText(file)}`),
    number(file.rows),
    size(file.bytes),
    time(file.firstTime),
    time(file.lastTime),
  ]
}

/** Relative, so that a downloaded page opens what lies beside it. */
function link(key: string, text: string): string {
  const path = key.split('/').slice(1)
  return `<a href="${escapeHtml(path.map(encodeURIComponent).join('/'))}">${escapeHtml(text)}</a>`
}

function placeText({ bucket, firstOffset, lastOffset }: ManifestFile): string {
  if (bucket === undefined) return `${firstOffset} to ${lastOffset}`
  return `part ${bucket.index + 1} of ${bucket.of}${bucket.part === undefined ? '' : `, file ${bucket.part + 1}`}`
}

function sectionsPart({ sections, counts }: Manifest): string {
  if (sections.length === 0) return `${droppedInAll(counts)}${codesPart(counts)}`
  const dropped = new Map(counts.sections.map(({ host, section, duplicates, refused }) => [`${host}|${section}`, { duplicates, refused }]))
  const rows = sections.map(section => {
    const counts = dropped.get(`${section.host}|${section.section}`)
    // A dataset of all sections counts none of them: no number is not zero.
    const told = counts === undefined ? ['–', '–'] : [number(counts.duplicates), refusedText(counts.refused)]
    return [escapeHtml(section.section), escapeHtml(section.host || 'any'), historyText(section), ...told]
  })
  return `<h2>Sections</h2>\n${table(['Section', 'Host', 'History', 'Duplicates dropped', 'Refused'], rows)}${droppedInAll(counts)}${codesPart(counts)}`
}

function droppedInAll({ all }: ManifestCounts): string {
  return all === undefined
    ? ''
    : `\n<p>In all sections: duplicates dropped ${number(all.duplicates)}, refused ${refusedText(all.refused)}.</p>`
}

const refusedText = (refused: Readonly<Record<string, number>>) =>
  Object.entries(refused)
    .map(([code, count]) => `${escapeHtml(code)} ${number(count)}`)
    .join(', ') || '0'

/** What the codes of refusal that stand above mean. */
function codesPart({ all, sections }: ManifestCounts): string {
  const found = [all?.refused ?? {}, ...sections.map(({ refused }) => refused)].flatMap(Object.keys)
  const codes = Object.entries(refusalCodes).filter(([code]) => found.includes(code))
  if (codes.length === 0) return ''
  const items = codes.map(([code, says]) => `<dt><code>${escapeHtml(code)}</code></dt><dd>${escapeHtml(says)}</dd>`).join('\n')
  return `\n<p>Duplicates came more than once, and count once. Refused statements are no events:</p>\n<dl class="codes">\n${items}\n</dl>`
}

function historyText({ history, runs }: ManifestSection): string {
  const sealed = runs.findLast(run => run.sealed !== null)
  if (history === 'loaded') return sealed?.sealed ? `loaded ${time(sealed.sealed)}` : 'loaded'
  return history === 'running' ? 'is being loaded' : 'not loaded: only events received live'
}

function parametersPart({ context }: Manifest): string {
  const given = Object.entries(context).filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0))
  const rows = given.map(([key, value]) => [escapeHtml(key), escapeHtml(valueText(value))])
  return `<h2>Parameters</h2>\n<details><summary>What was selected</summary>\n${table(['Name', 'Value'], rows)}\n</details>`
}

/** Only a version that is pinned is there for those who follow a citation. */
function citePart(manifest: Manifest, pins: readonly Pin[]): string {
  const { dataset, version, updatedAt } = manifest
  const pin = pins.find(each => each.version === version) ?? pins.at(-1)
  const here = link(manifestVersionKey(dataset, version), `version ${version}`)
  const kept = `It is kept while it is the newest, and until ${keptUntil(updatedAt)} at least; the last version of a day for 30 days.`
  const ask = `To cite it, have it pinned: <code>tributary dataset pin ${escapeHtml(dataset)} ${version}</code>.`
  if (pin === undefined)
    return `<h2>How to cite</h2>
<p>This dataset grows, and no version of it is pinned: none stays for ever. Shown is ${here}. ${kept} ${ask}</p>`
  const others = pins.filter(each => each !== pin).map(each => link(pinKey(dataset, each.version), `version ${each.version}`))
  return `<h2>How to cite</h2>
<blockquote>${escapeHtml(pin.citation)} SHA-256 <code>${escapeHtml(pin.contentSha256)}</code>.</blockquote>
<p>Version ${pin.version} is pinned (${link(pinKey(dataset, pin.version), 'record')}, ${link(pin.manifest.key, 'manifest')}): it stays as it is, with its files, whatever becomes of this dataset.${
    pin.version === version ? '' : ` Shown here is ${here}, which is not pinned. ${kept} ${ask}`
  }</p>
<p>A copy is checked with <code>sha256sum -c ${escapeHtml(pin.list.key)}</code>, in the folder in which <code>${escapeHtml(dataset)}</code> lies; the SHA-256 of ${link(pin.list.key, 'this list')} is the one in the citation. <code>tributary dataset download ${escapeHtml(dataset)} ${pin.version} --to DIR</code> copies all of it.</p>${
    others.length === 0 ? '' : `\n<p>Also pinned: ${others.join(', ')}.</p>`
  }`
}

function keptUntil(updatedAt: string): string {
  const at = Date.parse(updatedAt)
  return Number.isNaN(at) ? 'the next day' : time(new Date(at + keptMs).toISOString())
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = headings.map(heading => `<th scope="col">${escapeHtml(heading)}</th>`).join('')
  const body = rows
    .map(
      cells => `<tr>${cells.map((cell, i) => `<td data-label="${escapeHtml(headings[i] ?? '')}"><span>${cell}</span></td>`).join('')}</tr>`,
    )
    .join('\n')
  return `<div class="scroll"><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table></div>`
}

function valueText(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(', ') : String(value)
}

const time = (iso: string) =>
  `<time datetime="${escapeHtml(iso)}">${escapeHtml(iso.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC'))}</time>`

/** Thousands apart, the same in every locale. */
const number = (n: number) => `<span class="number">${String(n).replace(/\B(?=(\d{3})+$)/g, ',')}</span>`

function size(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB']
  const unit = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), 4)
  return `<span class="number">${(bytes / 1000 ** unit).toFixed(unit === 0 ? 0 : 1)} ${units[unit]}</span>`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, char => entities[char]!)
