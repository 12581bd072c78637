/**
 * Proof under faults: the listener against a real SQS server, through a proxy that breaks what
 * passes, in processes that are killed, and for minutes on end. See {@link
 * io.multisqs.chaos.ChaosIT}, {@link io.multisqs.chaos.DyingProcesses} and {@link
 * io.multisqs.chaos.Soak}.
 */
@NullMarked
package io.multisqs.chaos;

import org.jspecify.annotations.NullMarked;
