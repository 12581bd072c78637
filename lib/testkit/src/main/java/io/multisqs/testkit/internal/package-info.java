/** What the testkit is made of. Not for use from outside; it changes without notice. */
@NullMarked
package io.multisqs.testkit.internal;

import org.jspecify.annotations.NullMarked;
