// The reference of the rate limiter: golang.org/x/time/rate, allowing and rejecting, by one goroutine. A line of JSON for each
// sample, in nanoseconds a call; the fastest of short rounds counts, as in rounds.hpp.
// Usage: rate SAMPLES
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"

	"golang.org/x/time/rate"
)

const (
	calls  = 20000
	rounds = 24
)

func round(limiter *rate.Limiter, allowed bool) float64 {
	begun := time.Now()
	for i := 0; i < calls; i++ {
		if limiter.Allow() != allowed {
			fmt.Fprintln(os.Stderr, "a call has ended otherwise")
			os.Exit(1)
		}
	}
	return float64(time.Since(begun).Nanoseconds()) / calls
}

func main() {
	samples, err := strconv.Atoi(os.Args[1])
	if err != nil {
		os.Exit(2)
	}
	runtime.LockOSThread()
	open := rate.NewLimiter(1e9, 1e9)
	closed := rate.NewLimiter(rate.Every(24*time.Hour), 1)
	closed.Allow()
	for ; samples > 0; samples-- {
		allow, reject := 1e9, 1e9
		for i := 0; i < rounds; i++ {
			if taken := round(open, true); taken < allow {
				allow = taken
			}
			if taken := round(closed, false); taken < reject {
				reject = taken
			}
		}
		fmt.Printf("{\"name\": \"x/time/rate allow\", \"value\": %.3f}\n", allow)
		fmt.Printf("{\"name\": \"x/time/rate reject\", \"value\": %.3f}\n", reject)
	}
}
