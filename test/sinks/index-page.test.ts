import { sectionHistory } from '../../sinks/history.js'
import { indexPage } from '../../sinks/index-page.js'
import { buildManifest } from '../../sinks/manifest.js'
import { expectGolden } from './golden.js'
import { sampleFile, sampleInput, sampleSpec } from './sample-manifest.js'

it('is byte for byte this page', () => {
  expectGolden('manifest/index.html', indexPage(buildManifest(sampleInput())))
})

it('escapes everything that others wrote', () => {
  const evil = `<script>alert("1")</script>&'`
  const input = sampleInput({
    spec: sampleSpec({ section_ids: [evil], host: evil, page_ids: [evil], enforce_project_id: evil }),
    columns: [evil],
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
