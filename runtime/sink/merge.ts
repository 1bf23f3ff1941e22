import { createHash } from 'node:crypto'
import type { FileRecord } from '../../schemas/dataset-files.js'
import { TributaryError } from '../../schemas/errors.js'
import { mergeContent, rowsBetween } from '../../sinks/merge-content.js'
import { type MergePlan, planMerge } from '../../sinks/pieces.js'
import { fileRecord, type PieceTarget } from './flush.js'
import type { Member } from './member.js'
import type { Uploads } from './uploads.js'

/** Files that are merged into one. */
export const fanIn = 8

/** Only files of the present rules: those of others may print a cell otherwise, or have other columns. */
export function plannedMerges(member: Member, rollBytes: number): readonly MergePlan[] {
  const { rules } = member.format
  const files = [...member.files].map(([sequence, file]) => ({
    ...file,
    sequence,
    stays: file.rules !== rules || member.unmergeable.has(sequence),
  }))
  return planMerge(files, { fanIn, rows: member.applied.spec.chunk_size, bytes: rollBytes })
}

/** The merged file is uploaded, or one of its files cannot be merged. */
export type MergeOutcome = { readonly merged: FileRecord } | { readonly unmergeable: number; readonly error: TributaryError }

/** Merges of one task: one at a time, read and written beside the loop, which neither waits for it nor breaks with it. */
export interface Merging {
  /** Files were listed since there was nothing to merge. */
  wanted: boolean
  running: Running | null
  /** Nothing begins before; monotonic ms. */
  restsUntil: number
}

export interface Running {
  readonly member: Member
  readonly plan: MergePlan
  /** Null = it is still under way. */
  outcome: MergeOutcome | { readonly error: unknown } | null
}

export const noMerging = (): Merging => ({ wanted: true, running: null, restsUntil: Number.NEGATIVE_INFINITY })

/**
 * Writes the merged file. The pieces stay listed until the transaction that replaces them. A piece that is gone or not as it was listed is
 * left as it is: merged, it would get a hash that is right. Memory: the pieces and their join.
 */
export function uploadMerge(member: Member, plan: MergePlan, target: PieceTarget, uploads: Uploads): Promise<MergeOutcome> {
  return uploads.exclusively(async () => {
    const { head, tail } = member.renderer
    const files: FileRecord[] = []
    const rows: Buffer[] = []
    for (const sequence of plan.sequences) {
      const file = member.files.get(sequence)!
      const body = await uploads.read(file.key)
      const found = body === null ? 'nothing there' : sha256Of(body) === file.sha256 ? null : 'another content there'
      const between = found === null ? rowsBetween(body!, head, tail) : null
      if (between === null) {
        const what = found ?? 'no head or tail of its format'
        return { unmergeable: sequence, error: new TributaryError('FILE_DAMAGED', `merging ${file.key}: there is ${what}`) }
      }
      files.push(file)
      rows.push(between)
    }
    const body = mergeContent(rows, head, tail)
    const sha256 = sha256Of(body)
    const merged: FileRecord = {
      ...fileRecord(member, files[0]!.topic, target, body, sha256, { first: plan.firstOffset, last: plan.lastOffset }),
      rows: files.reduce((sum, file) => sum + file.rows, 0),
      firstTime: files.map(file => file.firstTime).sort()[0]!,
      lastTime: files
        .map(file => file.lastTime)
        .sort()
        .at(-1)!,
      replaces: plan.sequences,
      level: plan.level,
    }
    await uploads.create(merged.key, body, sha256, member.format.contentType)
    return { merged }
  })
}

const sha256Of = (body: Buffer) => createHash('sha256').update(body).digest('hex')
