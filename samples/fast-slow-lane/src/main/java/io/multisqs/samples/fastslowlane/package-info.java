/** Two queues and one slot: an urgent message overtakes the bulk that waits. */
@NullMarked
package io.multisqs.samples.fastslowlane;

import org.jspecify.annotations.NullMarked;
