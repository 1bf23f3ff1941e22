import { type DatasetSpec, instantMicros } from '../schemas/dataset-spec.js'
import type { Event, Kind, OtherEvent } from '../schemas/event.js'

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

/** Page and project of an event that names none are not the selected ones. */
function inCourse(event: CourseEvent, pages: ReadonlySet<string | null> | null, project: string | null): boolean {
  return (pages === null || pages.has(event.page)) && (project === null || project === event.project)
}

function asSet(items: readonly string[] | null): ReadonlySet<string | null> | null {
  return items === null ? null : new Set(items)
}
