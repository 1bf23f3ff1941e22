import type { BackfillPlan, BackfillSum } from '../runtime/backfill/request.js'
import { countsLines } from './counts-text.js'
import { bytes, count, duration, number } from './terminal/format.js'

export function planDocument(plan: BackfillPlan): object {
  const { objects, bytes, skipped, sections, resumes } = plan
  return { objects, bytes, skipped, sections, resumes }
}

export function planText(plan: BackfillPlan): string {
  return [
    plan.resumes === null ? 'A new run would be started.' : `The unfinished run ${plan.resumes} would go on.`,
    `To read: ${planned(plan)}`,
    `Sections: ${plan.sections.length > 0 ? plan.sections.join(', ') : 'not told by the paths'}`,
  ].join('\n')
}

export function planned(plan: BackfillPlan): string {
  return `${count(plan.objects, 'object')}, ${bytes(plan.bytes)}; ${number(plan.skipped)} done before`
}

export function sumDocument(sum: BackfillSum): object {
  const { id, objects, skipped, bytes, lines, blank, published, refused, seconds } = sum
  return { id, objects, skipped, bytes, lines, blank, published, refused, seconds }
}

export function sumText(sum: BackfillSum): string {
  const rate = sum.seconds > 0 ? `, ${number(sum.lines / sum.seconds)} lines/s` : ''
  return [
    `run ${sum.id}: ${count(sum.objects, 'object')}, ${bytes(sum.bytes)} in ${duration(sum.seconds)}${rate}; ${number(sum.skipped)} done before`,
    ...countsLines(sum),
  ].join('\n')
}
