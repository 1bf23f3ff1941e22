import { type Setting, settings } from '../config.js'
import { avroTopics } from '../runtime/registry/schema-files.js'
import { unitsOf } from '../runtime/registry/writer-schemas.js'
import { errors } from '../schemas/errors.js'
import { controlSchemas } from '../schemas/state-records.js'
import { compactedSegments, type TopicDeclaration, topics } from '../schemas/topics.js'
import { describeTopology, topicsOf, topology } from '../topology.js'
import { readingLines } from './docs-reading.js'
import { unitLines } from './inspect-text.js'

/** Generated pages: path → text. */
export const pages: Readonly<Record<string, string>> = {
  'docs/config.md': configPage(),
  'docs/datasets.md': datasetsPage(),
  'docs/errors.md': errorsPage(),
  'docs/topics.md': topicsPage(),
}

/** Generated parts of pages that are written by hand: path → name of the part → text. Two comments in the page say where each stands. */
export const parts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'README.md': { topology: `\`\`\`\n${describeTopology({ prefix: '', generation: Number(settings.generation.default) })}\n\`\`\`\n` },
}

function page(title: string, from: string, about: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [...beginning(title, from, about), '', ...table(head, rows), ''].join('\n')
}

function beginning(title: string, from: string, about: string): readonly string[] {
  return [`# ${title}`, '', `<!-- Made from ${from} by \`npm run docs\`: change it there. -->`, '', about]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const cells = [head, ...rows].map(row => row.map(cell => cell.replaceAll('|', '\\|')))
  const widths = head.map((_, i) => Math.max(3, ...cells.map(row => row[i]?.length ?? 0)))
  // Padded as the formatter pads: a generated page must pass the same check as a written one.
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`
  const ruler = line(widths.map(width => '-'.repeat(width)))
  const [titles = [], ...lines] = cells
  return [line(titles), ruler, ...lines.map(line)]
}

function datasetsPage(): string {
  const about =
    'Kinds of events have a row per event; their files are only added to. `learners` and `sessions` have a row per learner ' +
    'or session and are written again when it changes. `exclude_fields` leaves out columns.'
  const kinds = topology.formats.flatMap(format => [
    '',
    `## ${format.kind}`,
    '',
    `From ${topicsOf(format)
      .map(topic => `\`${topic}\``)
      .join(', ')}, rules ${format.rules}.`,
    '',
    ...table(
      ['column', 'type', 'says'],
      format.fields.map(({ name, type, about }) => [`\`${name}\``, type, about]),
    ),
  ])
  return [...beginning('Datasets', '`sinks/formats/` and `commands/docs-reading.ts`', about), '', ...readingLines, ...kinds, ''].join('\n')
}

function configPage(): string {
  const about =
    'Environment variables; `tributary config` prints them with their values and all mistakes at once. Where a variable has no default, the running local ' +
    'stack (`tributary up`) fills it in. Every flag of a command is a variable too: `--limit-rate` is `TRIBUTARY_LIMIT_RATE` (`tributary <command> --help`).'
  const rows = Object.values<Setting<unknown>>(settings).map(({ env, about, default: value, secret }) => [
    `\`${env}\``,
    `${about}${neverPrinted(secret)}`,
    value === undefined ? 'the local stack' : value === '' ? 'empty' : `\`${value}\``,
  ])
  return page('Settings', '`config.ts`', about, ['variable', 'meaning', 'default'], rows)
}

function errorsPage(): string {
  const about =
    'What can go wrong with servers, settings and requests. A bad event is none of these: it lies in the topic `dead-letters` with a code of its own. ' +
    'Where it says _by itself_, the task waits and goes on from its position.'
  const rows = Object.entries(errors).map(([code, { says, todo, retry, who }]) => [
    `\`${code}\``,
    says,
    todo,
    retry ? 'by itself' : 'no',
    who,
  ])
  return page('Errors', '`schemas/errors.ts`', about, ['code', 'what happened', 'what to do', 'tried again', 'who acts'], rows)
}

function topicsPage(): string {
  const about =
    'All have the same number of partitions and carry `TOPIC_PREFIX`; the derived ones carry the generation too (`events.attempt.g2`). ' +
    `Segments of the compacted ones are closed after ${compactedSegments.ms / 3_600_000} h or ${compactedSegments.bytes >> 20} MB, so that the rest is compacted: who starts reads them whole. ` +
    `\`tributary topics check\` compares them with the broker, and \`tributary topics apply\` sets what is not as it should be.\n\n${controlRecords()}\n\n${unitNotes()}`
  const rows = Object.values(topics).map(topic => [
    `\`${topic.id}${topic.derived ? '.g<n>' : ''}\``,
    topic.key === '-' ? 'none' : topic.key,
    `${topic.value}${formOf(topic)}`,
    topic.cleanup === 'compact' ? 'compact' : `delete, kept for ever${topic.mayExpire ? ' by default' : ': a retention is refused'}`,
    topic.writtenBy,
  ])
  return page('Topics', '`schemas/topics.ts`', about, ['topic', 'key', 'value', 'cleanup', 'written by'], rows)
}

function controlRecords(): string {
  const each = Object.entries(controlSchemas).map(
    ([file, subject]) => `[${file}.avsc](../schemas/avro/${file}.avsc), subject \`${subject}\` with \`TOPIC_PREFIX\` in front`,
  )
  return (
    'Among the Avro of `events.*` and `state.*` lie control records of Tributary: markers of backfill runs (key `marker|<run>`, header `marker`) and, in `state.*`, ' +
    `positions (key \`position|<aggregate>\`). They are Avro too, by schemas of their own: ${each.join('; ')}. ` +
    'Every value names its schema by id, so any Avro consumer reads them; to have events or states alone, leave out records with these keys.'
  )
}

/** Of numbers that are not what they seem to be. */
function unitNotes(): string {
  const each = avroTopics().flatMap(({ id, schema }) => unitLines(unitsOf(JSON.parse(schema))).map(line => `\`${id}\`: ${line}`))
  return `States sum up in whole numbers, which do not depend on the order of events: 6833333 millionths are 6.833333 points, as datasets print them. ${each.join('; ')}.`
}

function formOf({ avro, bytes }: TopicDeclaration): string {
  if (avro !== undefined) return ` (Avro: [${avro}.avsc](../schemas/avro/${avro}.avsc))`
  return bytes ? ' (bytes)' : ''
}

function neverPrinted(secret: Setting<unknown>['secret']): string {
  if (secret === undefined) return ''
  return secret === true ? ' Never printed.' : ' A login in it is never printed.'
}
