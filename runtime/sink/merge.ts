import { createHash } from 'node:crypto'
import type { FileRecord } from '../../schemas/dataset-files.js'
import { mergeContent } from '../../sinks/merge-content.js'
import { type MergePlan, planMerge } from '../../sinks/pieces.js'
import { fileRecord, type PieceTarget, type Uploaded } from './flush.js'
import type { Member } from './member.js'
import type { Uploads } from './uploads.js'

const fanIn = 8

export function plannedMerges(member: Member, rollBytes: number): readonly MergePlan[] {
  const files = [...member.files].map(([sequence, file]) => ({ sequence, ...file }))
  return planMerge(files, { fanIn, rows: member.applied.spec.chunk_size, bytes: rollBytes })
}

/** Writes the merged file. The pieces stay listed until the transaction that replaces them. Memory: the pieces and their join. */
export function uploadMerge(member: Member, plan: MergePlan, target: PieceTarget, uploads: Uploads): Promise<Uploaded> {
  return uploads.exclusively(async () => {
    const files: FileRecord[] = plan.sequences.map(sequence => member.files.get(sequence)!)
    const bodies: Buffer[] = []
    for (const file of files) bodies.push(await uploads.read(file.key))
    const body = mergeContent(bodies, member.renderer.head, member.renderer.tail)
    const sha256 = createHash('sha256').update(body).digest('hex')
    const offsets = { first: plan.firstOffset, last: plan.lastOffset }
    const record: FileRecord = {
      ...fileRecord(member, files[0]!.topic, target, body, sha256, offsets),
      rows: files.reduce((sum, file) => sum + file.rows, 0),
      firstTime: files.map(file => file.firstTime).sort()[0]!,
      lastTime: files
        .map(file => file.lastTime)
        .sort()
        .at(-1)!,
      replaces: plan.sequences,
      level: plan.level,
    }
    await uploads.create(record.key, body, sha256, member.format.contentType)
    return { owner: member, sequence: member.sequence++, record }
  })
}
