import { extensions as ext } from '../../schemas/vocabulary.js'
import { countOf, idOf, type Json, part, scalarOf, textOf } from './json-parts.js'
import { type JsonTree, jsonTree, treeAt } from './json-tree.js'

type Value = string | number | null

/** What a kind's identity has beyond that of all: every field that a dataset prints or selects by, in the frozen order. */
export function ownParts(kind: string, statement: Json, text: string): readonly Value[] {
  const context = part(part(statement.context).extensions)
  if (kind.endsWith('_attempt')) return attempt(kind, statement, context, text)
  if (kind === 'page_viewed') return course(context)
  if (kind.startsWith('video_')) return video(kind, statement, context)
  if (kind === 'tutor_message') return [idOf(context[ext.project]), idOf(context[ext.page]), textOf(part(statement.result).message)]
  return []
}

function course(context: Json, page: unknown = context[ext.page]): Value[] {
  const ids = [context[ext.project], context[ext.publication], page, context[ext.pageAttemptGuid]].map(idOf)
  return [...ids, countOf(context[ext.pageAttemptNumber])]
}

function activity(context: Json): Value[] {
  const ids = [context[ext.activity], context[ext.activityRevision], context[ext.activityAttemptGuid]].map(idOf)
  return [...ids, countOf(context[ext.activityAttemptNumber])]
}

function attempt(kind: string, statement: Json, context: Json, text: string): Value[] {
  const isPart = kind === 'part_attempt'
  const score = part(part(statement.result).score)
  const tree = isPart ? jsonTree(text) : null
  return [
    ...course(context),
    ...(kind === 'page_attempt' ? [null, null, null, null] : activity(context)),
    ...(isPart
      ? [idOf(context[ext.part]), idOf(context[ext.partAttemptGuid]), countOf(context[ext.partAttemptNumber])]
      : [null, null, null]),
    listed(context[ext.objectives], tree, ['context', 'extensions', ext.objectives]),
    (context[ext.hints] ?? null) === null ? null : written(tree, ['context', 'extensions', ext.hints]),
    isPart ? idOf(context[ext.session]) : null,
    numberOf(score.raw),
    numberOf(score.max),
    written(tree, ['result', 'response']),
    written(tree, ['result', 'extensions', ext.feedback]),
    ...(isPart ? [context[ext.section] === undefined ? 'xapi' : 'torus'] : []),
  ]
}

function video(kind: string, statement: Json, context: Json): Value[] {
  const result = part(part(statement.result).extensions)
  const names = part(part(part(statement.object).definition).name)
  const title = names['en-US'] === undefined ? Object.values(names)[0] : names['en-US']
  // Players differ in which of the two holds a value.
  const either = (key: string) => scalarOf(result[key] === undefined ? context[key] : result[key])
  const seeked = kind === 'video_seeked'
  return [
    ...course(context, context[ext.resource] ?? context[ext.page]),
    idOf(context[ext.contentElement]),
    textOf(title),
    idOf(context[ext.videoSession]),
    either(ext.videoLength),
    either(ext.videoPlayedSegments),
    ...(seeked ? [either(ext.videoTimeFrom), either(ext.videoTimeTo)] : [either(ext.videoTime)]),
    ...(kind === 'video_paused' || kind === 'video_completed' ? [either(ext.videoProgress)] : []),
  ]
}

const numberOf = (value: unknown) => (typeof value === 'number' ? value : null)
const written = (tree: JsonTree | null, path: readonly string[]) => (tree === null ? null : (treeAt(tree, path)?.text ?? null))
const listed = (value: unknown, tree: JsonTree | null, path: readonly string[]) => (Array.isArray(value) ? written(tree, path) : null)
