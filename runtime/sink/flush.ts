import type { FileRecord } from '../../schemas/dataset-files.js'
import type { EventTopicId } from '../../schemas/topics.js'
import { pieceKey } from '../../sinks/naming.js'
import type { OutRecord } from '../log.js'
import { closePieces, type Member } from './member.js'
import { fileOut } from './sink-records.js'
import type { Uploads } from './uploads.js'

/** A file that is uploaded and waits for the transaction that lists it. */
export interface Uploaded {
  readonly member: Member
  readonly sequence: number
  readonly record: FileRecord
}

export interface PieceTarget {
  readonly generation: number
  readonly partition: number
}

const iso = (micros: number) => new Date(Math.floor(micros / 1000)).toISOString()

/** Uploads all open pieces of these members. Nothing is listed yet: a crash after this leaves objects that no manifest names. */
export async function uploadPieces(members: readonly Member[], target: PieceTarget, uploads: Uploads): Promise<Uploaded[]> {
  const jobs: Promise<Uploaded>[] = []
  for (const member of members) {
    let sequence = member.sequence
    for (const [topic, pieces] of member.open)
      for (const piece of pieces) {
        const { body, sha256 } = piece.finish(member.renderer.tail)
        const record = {
          ...fileRecord(member, topic, target, body, sha256, { first: piece.firstOffset, last: piece.lastOffset }),
          rows: piece.rows,
          firstTime: iso(piece.firstAt),
          lastTime: iso(piece.lastAt),
          replaces: [],
          level: 0,
        }
        const uploaded = { member, sequence: sequence++, record }
        jobs.push(uploads.create(record.key, body, sha256, member.format.contentType).then(() => uploaded))
      }
  }
  return Promise.all(jobs)
}

export function fileRecord(
  member: Member,
  topic: EventTopicId,
  target: PieceTarget,
  body: Buffer,
  sha256: string,
  offsets: { first: number; last: number },
) {
  const key = pieceKey({
    dataset: member.dataset,
    generation: target.generation,
    revision: member.revision,
    topic,
    partition: target.partition,
    firstOffset: offsets.first,
    lastOffset: offsets.last,
    sha256,
    extension: member.format.extension,
  })
  return { topic, key, bytes: body.length, sha256, firstOffset: offsets.first, lastOffset: offsets.last, rules: member.format.rules }
}

/** The records that list these files, and the tombstones of those they replace. */
export function listing(uploaded: readonly Uploaded[], partition: number): OutRecord[] {
  return uploaded.flatMap(({ member, sequence, record }) => [
    fileOut(member.dataset, member.revision, partition, sequence, record),
    ...record.replaces.map(old => fileOut(member.dataset, member.revision, partition, old, null)),
  ])
}

/** After the commit only: what is listed now is so in memory too, and its rows are not open any more. */
export function settle(uploaded: readonly Uploaded[]): void {
  for (const { member, sequence, record } of uploaded) {
    for (const old of record.replaces) member.files.delete(old)
    member.files.set(sequence, record)
    member.sequence = Math.max(member.sequence, sequence + 1)
    if (record.level === 0) closePieces(member)
  }
}
