/** Five instances that share the work, and all hear every command. */
@NullMarked
package io.multisqs.samples.broadcast;

import org.jspecify.annotations.NullMarked;
