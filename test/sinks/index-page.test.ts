import type { Pin } from '../../schemas/pin.js'
import { citation } from '../../sinks/citation.js'
import { sectionHistory } from '../../sinks/history.js'
import { indexPage } from '../../sinks/index-page.js'
import { buildManifest, manifestText } from '../../sinks/manifest.js'
import { makePin } from '../../sinks/pin.js'
import { expectGolden } from './golden.js'
import { sampleFile, sampleInput, sampleSpec } from './sample-manifest.js'

it('is byte for byte this page', () => {
  expectGolden('manifest/index.html', indexPage(buildManifest(sampleInput())))
})

it('escapes everything that others wrote', () => {
  const evil = `<script>alert("1")</script>&'`
  const input = sampleInput({
    spec: sampleSpec({ section_ids: [evil], host: evil, page_ids: [evil], enforce_project_id: evil }),
    fields: [{ name: evil, type: 'text', about: evil }],
    files: [sampleFile(0, 0, { key: `a/b/${evil}`, firstTime: evil, lastTime: evil })],
    sections: [sectionHistory(evil, evil, null, [{ id: evil, loads: { sections: [evil], categories: {} }, started: evil, sealed: evil }])],
    dropped: [{ host: evil, section: evil, duplicates: 1, refused: { [evil]: 1 } }],
    positions: [{ partition: 0, next: {}, xapi: 1, received: evil, through: evil }],
    updatedAt: evil,
    baseUrl: `https://s3.example.org/"onload='x'`,
  })
  input.producedBy.version = evil
  const page = indexPage({ ...buildManifest(input), dataset: evil })
  expect(page).not.toContain('<script')
  expect(page).not.toContain('alert("')
  expect(page.replaceAll(/&(amp|lt|gt|quot|#39);/g, '')).not.toContain('&')
  expect(page.match(/<[^>]*onload='/g)).toBeNull()
})

it('has neither scripts nor anything from elsewhere', () => {
  const page = indexPage(buildManifest(sampleInput()))
  expect(page).not.toMatch(/<script|<link|<img|@import|url\(|\son\w+=/)
})

it('says so when there is nothing yet', () => {
  const page = indexPage(buildManifest(sampleInput({ files: [], sections: [], positions: [] })))
  expect(page).toContain('No rows yet.')
})

it('stays a page when there are many files', () => {
  const files = Array.from({ length: 3_000 }, (_, i) => sampleFile(0, i * 100))
  const page = indexPage(buildManifest(sampleInput({ files })))
  expect(page.match(/<a href="g1-r42\//g)).toHaveLength(1_000)
  expect(page).toContain('2,000</span> more are in the manifest')
})

test('the page cites the version that is pinned; of others it says how long they are kept', () => {
  const manifest = buildManifest(sampleInput())
  const pinned = (version: number): Pin => {
    const text = Buffer.from(manifestText({ ...manifest, version }))
    return { ...makePin(text, { ...manifest, version }, null), state: 'pinned', pinnedAt: '2026-11-22T05:00:00Z' }
  }
  const cite = (page: string) => page.slice(page.indexOf('How to cite'))
  const none = cite(indexPage(manifest))
  expect(none).toContain('none stays for ever')
  expect(none).toContain('2026-11-23 04:35:01 UTC')
  expect(none).toContain('tributary dataset pin algebra-2024 7')
  expect(none).not.toContain('<blockquote>')

  const shown = cite(indexPage(manifest, [pinned(5), pinned(7)]))
  expect(shown).toContain(pinned(7).contentSha256)
  expect(shown).toContain('version 7: 300 rows')
  expect(shown).toContain('sha256sum -c algebra-2024/pins/0000000007.sha256')
  expect(shown).toContain('<a href="pins/0000000005.json">version 5</a>')
  expect(shown).not.toContain('kept while it is the newest')

  const older = cite(indexPage(manifest, [pinned(5)]))
  expect(older).toContain('version 5: 300 rows')
  expect(older).toMatch(/Shown here is <a href="manifests\/0000000007.json">version 7<\/a>, which is not pinned\. It is kept while/)
})

it('cites no commit where none is known', () => {
  const manifest = buildManifest(sampleInput())
  const without = { ...manifest, producedBy: { ...manifest.producedBy, commit: '' } }
  expect(citation(without)).toContain('Tributary 0.1.0, rules 1,')
  expect(citation(manifest)).toContain('Tributary 0.1.0 (4a4bfe4), rules 1,')
})

it('says what columns and codes mean, how many learners are left out, and which revision it is, from 1', () => {
  const page = indexPage(buildManifest(sampleInput({ spec: sampleSpec({ ignored_student_ids: ['7', '8'] }) })))
  expect(page).toContain('<td data-label="Type"><span>number</span></td><td data-label="Says"><span>points given</span></td>')
  expect(page).toContain('<dt><code>missing_key</code></dt><dd>a key that its kind must have is absent or null</dd>')
  expect(page).not.toContain('<code>too_large</code>')
  expect(page).toMatch(/ignored_students<\/span><\/td><td data-label="Value"><span>2</)
  expect(page).toContain('<dt>Revision</dt><dd><span class="number">3</span>, version <span class="number">7</span></dd>')
  expect(page).not.toContain('revision 42')
})
