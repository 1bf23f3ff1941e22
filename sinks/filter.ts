import { type DatasetSpec, instantMicros, instantText } from '../schemas/dataset-spec.js'
import type { Event, Kind, OtherEvent } from '../schemas/event.js'
import type { State } from './format.js'

/** Events about a course page: what datasets are made of. */
export type CourseEvent = Exclude<Event, OtherEvent>

/**
 * The filters of a spec on one event, cheapest and most selective first; nothing is allocated per event.
 * `kinds`: the dataset's kinds of events by the word for them in `sub_types`.
 */
export function eventFilter(spec: DatasetSpec, kinds: Readonly<Record<string, Kind>>): (event: Event) => boolean {
  const words = spec.sub_types ?? Object.keys(kinds)
  const wanted = new Set<Kind | undefined>(words.map(word => kinds[word]))
  const sections = asSet(spec.section_ids)
  const pages = asSet(spec.page_ids)
  const ignored = new Set(spec.ignored_student_ids)
  const { host, enforce_project_id: project } = spec
  const from = spec.from === null ? Number.NEGATIVE_INFINITY : (instantMicros(spec.from) ?? Number.NaN)
  const to = spec.to === null ? Number.POSITIVE_INFINITY : (instantMicros(spec.to) ?? Number.NaN)
  return event =>
    wanted.has(event.kind) &&
    (sections === null || sections.has(event.section)) &&
    (host === null || host === event.host) &&
    event.at >= from &&
    event.at < to &&
    !ignored.has(event.learner) &&
    inCourse(event as CourseEvent, pages, project)
}

/** Why the filters leave an event out, for a person, all at once: none exactly when `eventFilter` selects it. */
export function exclusions(spec: DatasetSpec, kinds: Readonly<Record<string, Kind>>, event: Event): readonly string[] {
  const { from, to, page_ids, enforce_project_id } = spec
  const word = Object.keys(kinds).find(each => kinds[each] === event.kind)
  // Of a kind that the dataset has no rows of, nothing else is worth saying.
  if (word === undefined) return [`${spec.kind} has no rows of ${event.kind}`]
  const { page, project } = event as CourseEvent
  const { reasons, unless } = gathering()
  unless(spec.sub_types?.includes(word) ?? true, `sub_types: ${word} is not one of ${spec.sub_types?.join(', ')}`)
  reasons.push(...stateExclusions(spec, event))
  unless(from === null || event.at >= instantMicros(from)!, `from: ${instantText(event.at)} is before ${from}`)
  unless(to === null || event.at < instantMicros(to)!, `to: ${instantText(event.at)} is not before ${to}`)
  unless(page_ids === null || page_ids.includes(page ?? ''), `page_ids: ${page ?? 'no page'} is not one of ${some(page_ids)}`)
  unless(
    enforce_project_id === null || enforce_project_id === project,
    `enforce_project_id: ${project ?? 'no project'} is not ${enforce_project_id}`,
  )
  return reasons
}

/** Of what is asked about a state too. */
export function stateExclusions({ section_ids, host, ignored_student_ids }: DatasetSpec, of: State | Event): readonly string[] {
  const { reasons, unless } = gathering()
  unless(section_ids?.includes(of.section) ?? true, `section_ids: ${of.section || 'no section'} is not one of ${some(section_ids)}`)
  unless(host === null || host === of.host, `host: ${of.host || 'no host'} is not ${host}`)
  unless(!ignored_student_ids.includes(of.learner), `ignored_student_ids: ${of.learner} is one of them`)
  return reasons
}

function gathering() {
  const reasons: string[] = []
  const unless = (selected: boolean, reason: string) => {
    if (!selected) reasons.push(reason)
  }
  return { reasons, unless }
}

const most = 8
const some = (ids: readonly string[] | null) =>
  `${ids?.slice(0, most).join(', ')}${(ids?.length ?? 0) > most ? ` … (${ids?.length} in all)` : ''}`

/** The same for states, of which no more is asked than whose they are. */
export function stateFilter(spec: DatasetSpec): (state: State) => boolean {
  const sections = asSet(spec.section_ids)
  const ignored = new Set(spec.ignored_student_ids)
  const { host } = spec
  return state =>
    (sections === null || sections.has(state.section)) && (host === null || host === state.host) && !ignored.has(state.learner)
}

/** Page and project of an event that names none are not the selected ones. */
function inCourse(event: CourseEvent, pages: ReadonlySet<string | null> | null, project: string | null): boolean {
  return (pages === null || pages.has(event.page)) && (project === null || project === event.project)
}

function asSet(items: readonly string[] | null): ReadonlySet<string | null> | null {
  return items === null ? null : new Set(items)
}
