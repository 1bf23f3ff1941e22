import type { BackfillPlan, BackfillSum } from '../runtime/backfill/request.js'
import { bytes, count, duration, number } from './terminal/format.js'
import { table } from './terminal/table.js'

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

/** The last line is the law of DESIGN §7 with the run's numbers, without thousands separators: it can be checked by a script. */
export function sumText(sum: BackfillSum): string {
  const refused = Object.values(sum.refused).reduce((all, n) => all + n, 0)
  const rate = sum.seconds > 0 ? `, ${number(sum.lines / sum.seconds)} lines/s` : ''
  const codes = Object.entries(sum.refused).sort(([, a], [, b]) => b - a)
  return [
    `run ${sum.id}: ${count(sum.objects, 'object')}, ${bytes(sum.bytes)} in ${duration(sum.seconds)}${rate}; ${number(sum.skipped)} done before`,
    ...(codes.length > 0 ? ['', table(['refused (dead-letters)', 'lines'], codes), ''] : []),
    `lines ${sum.lines} = blank ${sum.blank} + published ${sum.published} + refused ${refused}`,
  ].join('\n')
}
