import { type WireRequest, wireVersions } from './wire-request.js'

/** What the coordinator grants: the producer id and epoch to use from now on. */
export interface ProducerGrant {
  readonly error: number
  readonly producerId: number
  readonly epoch: number
}

/** `own` set: asks to go on as this producer (refused when fenced). Not set: claims, and fences whoever was there. */
export function initProducerIdRequest(
  transactionalId: string | null,
  timeoutMs: number,
  own: { readonly producerId: number; readonly epoch: number } = { producerId: -1, epoch: -1 },
): WireRequest<ProducerGrant> {
  return {
    ...wireVersions.initProducerId,
    encode: out => out.compactString(transactionalId).i32(timeoutMs).i64(own.producerId).i16(own.epoch).tags(),
    decode: from => {
      from.i32()
      return { error: from.i16(), producerId: from.i64(), epoch: from.i16() }
    },
  }
}

/** Version 5 (transaction protocol 2) answers the next epoch, so a late repeat can never end a later transaction. */
export function endTxnRequest(transactionalId: string, producerId: number, epoch: number, commit: boolean): WireRequest<ProducerGrant> {
  return {
    ...wireVersions.endTxn,
    encode: out =>
      out
        .compactString(transactionalId)
        .i64(producerId)
        .i16(epoch)
        .i8(commit ? 1 : 0)
        .tags(),
    decode: from => {
      from.i32()
      return { error: from.i16(), producerId: from.i64(), epoch: from.i16() }
    },
  }
}
