import { type LoadedHistory, noHistory } from '../../schemas/loaded-history.js'
import { decodeSourcesRecord } from '../../schemas/sources.js'

const asked = { bucket: 'b', prefix: null, sections: [], categories: [], since: null, until: null, again: false }

function oldRun(request: object, sections: readonly string[] | null, found = 1): LoadedHistory {
  const counts = { objects: found, skipped: 0, bytes: 1, lines: 1, blank: 0, published: 1, refused: {} }
  const run = { plan: { objects: found, bytes: 1 }, sections, state: 'sealed', counts, request: JSON.stringify({ ...asked, ...request }) }
  const record = decodeSourcesRecord('run/r', Buffer.from(JSON.stringify(run)))
  if (record.is !== 'run') throw new Error(record.is)
  expect(record.run).toMatchObject({ notTaken: [], topicId: null })
  return record.run.loads
}
const whole = (...sections: string[]): LoadedHistory => ({ sections, categories: {} })
const videos = (...sections: string[]): LoadedHistory => ({ sections: [], categories: { video: sections } })

test.each<[string, object, readonly string[] | null, LoadedHistory, number?]>([
  ['one section', { sections: ['1'] }, ['1'], whole('1')],
  ['a category of one section', { sections: ['1'], categories: ['video'] }, ['1'], videos('1')],
  ['sections found below a prefix', { prefix: 'section/' }, ['1', '2'], whole('1', '2')],
  ['sections found below the begin of a name', { prefix: 'x/section/1' }, ['1', '14'], whole('1', '14')],
  ['a category of those', { prefix: '', categories: ['video'] }, ['1', '2'], videos('1', '2')],
  ['a folder', { prefix: 'section/1/video/' }, ['1'], videos('1')],
  ['a part of a folder', { prefix: 'section/1/video/2025' }, ['1'], noHistory],
  ['the begin of a folder', { prefix: 'section/1/vid' }, ['1'], noHistory],
  ['several sections, of which one may not have been there', { sections: ['1', '2'] }, ['1', '2'], noHistory],
  ['several categories, of which one may not have been there', { sections: ['1'], categories: ['video', 'vidoe'] }, ['1'], noHistory],
  ['a part of the time', { sections: ['1'], until: 1 }, ['1'], noHistory],
  ['from a time on', { sections: ['1'], since: 1 }, ['1'], noHistory],
  ['paths that name no section', { prefix: 'export/' }, null, noHistory],
  ['nothing found', { sections: ['1'] }, ['1'], noHistory, 0],
])('of a run of an older release counts what it has loaded for certain: %s', (_, request, sections, loads, found = 1) => {
  expect(oldRun(request, sections, found)).toEqual(loads)
})
