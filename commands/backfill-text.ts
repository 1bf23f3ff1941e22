import type { BackfillPlan, BackfillSum } from '../runtime/backfill/request.js'
import { emptyPrefixText } from '../runtime/sources/nearest-names.js'
import { loadsNothing } from '../schemas/loaded-history.js'
import { countsLines, outcomeLines } from './counts-text.js'
import { notTakenLines } from './not-taken-text.js'
import { bytes, count, duration, number } from './terminal/format.js'

export function planDocument(plan: BackfillPlan): object {
  const { objects, bytes, skipped, sections, notTaken, empty, resumes } = plan
  return { objects, bytes, skipped, sections, notTaken, empty, resumes }
}

export function planText(plan: BackfillPlan): string {
  return [
    plan.resumes === null ? 'A new run would be started.' : `The unfinished run ${plan.resumes} would go on.`,
    `To read: ${planned(plan)}`,
    `Sections: ${plan.sections.length > 0 ? plan.sections.join(', ') : 'the paths name none'}`,
    ...notTakenLines(plan.notTaken),
    ...plan.empty.map(emptyPrefixText),
  ].join('\n')
}

export function planned(plan: BackfillPlan): string {
  return `${count(plan.objects, 'object')}, ${bytes(plan.bytes)}; ${number(plan.skipped)} done before`
}

export function sumDocument(sum: BackfillSum): object {
  const { id, objects, skipped, bytes, lines, blank, published, refused, before, outcome, notTaken, empty, loads, seconds } = sum
  return { id, objects, skipped, bytes, lines, blank, published, refused, before, outcome, notTaken, empty, loads, seconds }
}

const noHistoryText = [
  'No history counts as loaded by this run: it read a part of the time or of the',
  'names in a folder, or its statements name no section. A run over the whole',
  'loads it, and reads nothing twice.',
]

export function sumText(sum: BackfillSum): string {
  const rate = sum.seconds > 0 ? `, ${number(sum.lines / sum.seconds)} lines/s` : ''
  return [
    `run ${sum.id}: ${count(sum.objects, 'object')}, ${bytes(sum.bytes)} in ${duration(sum.seconds)}${rate}; ${number(sum.skipped)} done before`,
    ...(sum.before.objects === 0
      ? []
      : [`before it was stopped, it had read ${count(sum.before.objects, 'object')}, ${count(sum.before.lines, 'line')}`]),
    ...notTakenLines(sum.notTaken),
    ...sum.empty.map(emptyPrefixText),
    ...(loadsNothing(sum.loads) ? noHistoryText : []),
    ...(sum.outcome === null ? [] : outcomeLines(sum.published, sum.outcome)),
    ...countsLines(sum),
  ].join('\n')
}
