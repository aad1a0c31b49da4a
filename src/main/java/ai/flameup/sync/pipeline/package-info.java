/**
 * Delivery: from mapped changes and rows to calls of the people API. The delivery state machine decides everything; a thread
 * around it moves events and actions.
 *
 * <pre>
 *  stream, fence ──┐                          ┌── send ──────── PeopleSender ── API
 *  answers ────────┤  Event                   │
 *  stored entries ─┼──────▶ DeliveryState ────┤── store ─────── positions, ledger entries, dead letters
 *  time ───────────┘        Machine   Action  │
 *                             ▲               └── report ────── counters, log, halt
 *                    Pipeline (one thread)            ActionInterpreter
 *
 *  inside the machine, for one change:
 *
 *  Intake ──▶ Backlog ──────────────▶ SendScheduler ──▶ (request in flight) ──▶ ResponsePolicy
 *             ConflictGraph            PriorityQueues                            │
 *             AddressClaims            RateControl, BatchPolicy                  ├─▶ Settlement ──▶ AckTracker
 *                                                                                └─▶ Parking (RefusalPolicy)
 * </pre>
 *
 * <h2>Glossary</h2>
 *
 * <table>
 *   <caption>Words of this package</caption>
 *   <tr><td>upsert</td><td>the pending state of one person ({@code PendingUpsert}), in place of all changes it superseded</td></tr>
 *   <tr><td>live</td><td>caused by a change in the stream; a row that was read has lower priority</td></tr>
 *   <tr><td>superseded</td><td>replaced by a newer state of the same person before it was sent</td></tr>
 *   <tr><td>address claim</td><td>the email addresses that a person may hold at Flameup, as keyed hashes</td></tr>
 *   <tr><td>ledger entry</td><td>which state of a person the API accepted last, as hashes, with the claim</td></tr>
 *   <tr><td>held</td><td>an earlier process has sent a later state, which the stream has not repeated yet</td></tr>
 *   <tr><td>unchanged</td><td>the API has the state already; settled without a request</td></tr>
 *   <tr><td>ack unit</td><td>a transaction or a chunk of rows, which is acknowledged as a whole</td></tr>
 *   <tr><td>settled</td><td>delivered, parked or deferred; the position may advance past it</td></tr>
 *   <tr><td>parked</td><td>stored as a dead letter, and not sent any more</td></tr>
 *   <tr><td>deferred</td><td>replaced by the key of its row in the store; the row is read and sent later, behind newer changes</td></tr>
 *   <tr><td>late write</td><td>a request without an answer, which the API may still apply after its successors</td></tr>
 *   <tr><td>repetition</td><td>the newest state, sent once more when no late write is possible any more</td></tr>
 * </table>
 *
 * <h2>The life of one pending upsert</h2>
 *
 * <table>
 *   <caption>Stages of {@code PendingUpsert}</caption>
 *   <tr><th>stage</th><th>what leads to it</th><th>what it waits for</th><th>where it goes</th></tr>
 *   <tr><td>BLOCKED</td><td>it arrives; or at its turn its address has to be claimed</td>
 *     <td>earlier upserts of the same user id or address; the store; the end of its transaction (a delete); the state for which
 *     it is held</td>
 *     <td>READY; RESTING if a late write may undo its move to another address; settled if it is unchanged; WITHHELD if another person
 *     holds its address
 *     and {@code on-email-held} is {@code park}, or that person's newest row is not known; SUPERSEDED, also by the key of its row if
 *     it is deferred</td></tr>
 *   <tr><td>READY</td><td>its turn; an answer that concerns others; the end of a rest</td>
 *     <td>rate, budget and a free place in a request</td><td>IN_FLIGHT; settled if it is deferred</td></tr>
 *   <tr><td>RESTING</td><td>a failed attempt; a possible late write</td><td>a time</td><td>READY; settled if it is deferred</td></tr>
 *   <tr><td>IN_FLIGHT</td><td>it is sent</td><td>the answer</td>
 *     <td>settled; READY or RESTING, with the newer state that arrived meanwhile; WITHHELD</td></tr>
 *   <tr><td>WITHHELD</td><td>it was refused, or is to be parked unsent; or its row is to be read with that of the holder of its address</td>
 *     <td>the judgement: this person or every person; nothing if its row is to be read</td><td>settled, as a dead letter or by the key
 *     of its row; READY in half a batch; it stays if the job halts</td></tr>
 *   <tr><td>SUPERSEDED</td><td>its state went to an earlier upsert that is sent again, or to the insert that cancels it (a
 *     delete)</td><td>what it waited for before</td><td>it is taken out of the graph, and frees those that wait for it</td></tr>
 * </table>
 *
 * <p>In BLOCKED, READY and RESTING, a newer state with the same address takes the place of its own. In IN_FLIGHT and WITHHELD,
 * a newer state becomes an upsert of its own.
 *
 * <h2>What an answer leads to</h2>
 *
 * <table>
 *   <caption>{@code ResponsePolicy}</caption>
 *   <tr><td>2xx</td><td>settled; persons that the answer of a batch leaves out are sent again alone</td></tr>
 *   <tr><td>429</td><td>sent again first, after a pause of all sending</td></tr>
 *   <tr><td>408, 425, 5xx, no answer</td><td>sent again after a rest, a batch in halves; parked after eight failures while other persons are accepted;
 *     if it may still be applied, a late write is recorded</td></tr>
 *   <tr><td>five such failures in a row</td><td>an outage: one probe at a time</td></tr>
 *   <tr><td>401, redirect</td><td>halt</td></tr>
 *   <tr><td>403, 404</td><td>withheld; another person is sent as a test; parked or halt</td></tr>
 *   <tr><td>404, 405 for a batch</td><td>{@code BatchPolicy} abandons the batch call; sent again alone</td></tr>
 *   <tr><td>any other 4xx</td><td>parked, a batch in halves; halt if too many of the last 200 are refused</td></tr>
 * </table>
 *
 * <h2>Which file to read</h2>
 *
 * <table>
 *   <caption>Files by question</caption>
 *   <tr><td>what goes in and out</td><td>{@code Event}, {@code Action}</td></tr>
 *   <tr><td>repetitions, deletes, rows that map to no person</td><td>{@code Intake}, {@code OpenTransaction}</td></tr>
 *   <tr><td>superseding, turns, promotion of rows</td><td>{@code Backlog}, {@code PendingUpsert}, {@code PersonState}</td></tr>
 *   <tr><td>who waits for whom</td><td>{@code ConflictGraph}, {@code ConflictNode}</td></tr>
 *   <tr><td>who holds an address, what was accepted</td><td>{@code AddressClaims}, {@code Person}, {@code Ledger}, {@code
 *     LedgerUpdates}</td></tr>
 *   <tr><td>what is not sent</td><td>{@code UnchangedStates}, {@code EarlierRequests}</td></tr>
 *   <tr><td>when changes are deferred</td><td>{@code Deferring}, {@code DeferredArrivals}</td></tr>
 *   <tr><td>which rows have to be read in one snapshot</td><td>{@code HolderReads}, {@code ClaimingNode}</td></tr>
 *   <tr><td>what is sent next, and when</td><td>{@code SendScheduler}, {@code PriorityQueues}, {@code BatchPolicy}</td></tr>
 *   <tr><td>how fast</td><td>{@code RateControl}, {@code Throttle}, {@code Budget}, {@code ApiWindow}</td></tr>
 *   <tr><td>answers</td><td>{@code ResponsePolicy}</td></tr>
 *   <tr><td>one person or every person</td><td>{@code RefusalPolicy}, {@code Parking}</td></tr>
 *   <tr><td>the end of an upsert, late writes</td><td>{@code Settlement}, {@code LateWrites}, {@code LateWrite}</td></tr>
 *   <tr><td>positions, scans and markers</td><td>{@code AckTracker}, {@code AckUnit}</td></tr>
 *   <tr><td>the thread, waiting producers</td><td>{@code Pipeline}, {@code Backpressure}</td></tr>
 *   <tr><td>requests that outlive the process</td><td>{@code RequestSender}, {@code InFlightLog}</td></tr>
 * </table>
 *
 * <p>What does not live here: HTTP ({@code delivery}), the store ({@code state}), the mapping ({@code mapping}), the fence
 * ({@code source}). This package may use {@code mapping}, {@code delivery}, {@code change} and {@code fault}.
 */
@NullMarked
package ai.flameup.sync.pipeline;

import org.jspecify.annotations.NullMarked;
