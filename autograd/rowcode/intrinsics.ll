; What the functions of rows call, in LLVM IR: Python's math and its operators on doubles, and arrays in a pool. As in `intrinsics.h`
; an error sets a flag, the first one wins, and the arithmetic goes on. `libm.*` are functions of the platform's library.
; Each definition ends with an empty line; only those that are needed are taken.

declare double @llvm.fabs.f64(double)

declare double @llvm.sqrt.f64(double)

declare double @llvm.floor.f64(double)

declare double @llvm.ceil.f64(double)

declare double @llvm.trunc.f64(double)

declare double @llvm.rint.f64(double)

declare double @llvm.copysign.f64(double, double)

declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)

declare double @libm.frexp(double, ptr)

declare double @libm.ldexp(double, i32)

declare double @libm.round_to(double, double)

define internal double @rows.raise(ptr %e, i32 %kind) alwaysinline nounwind {
  %old = load i32, ptr %e
  %none = icmp eq i32 %old, 0
  %new = select i1 %none, i32 %kind, i32 %old
  store i32 %new, ptr %e
  ret double 0x7FF8000000000000
}

; y, where a NaN that comes of no NaN is a ValueError, and an infinity that comes of a number the error of that kind
define internal double @rows.checked(ptr %e, double %x, double %y, i32 %kind) alwaysinline nounwind {
  %number = fcmp ord double %x, 0.0
  %nan = fcmp uno double %y, 0.0
  %invalid = and i1 %nan, %number
  %size = call double @llvm.fabs.f64(double %x)
  %finite = fcmp olt double %size, 0x7FF0000000000000
  %large = call double @llvm.fabs.f64(double %y)
  %infinite = fcmp oeq double %large, 0x7FF0000000000000
  %over = and i1 %infinite, %finite
  %kinds = select i1 %over, i32 %kind, i32 0
  %now = select i1 %invalid, i32 1, i32 %kinds
  %old = load i32, ptr %e
  %none = icmp eq i32 %old, 0
  %new = select i1 %none, i32 %now, i32 %old
  store i32 %new, ptr %e
  ret double %y
}

define internal double @rows.divide(ptr %e, double %a, double %b) alwaysinline nounwind {
  %y = fdiv double %a, %b
  %zero = fcmp oeq double %b, 0.0
  %now = select i1 %zero, i32 2, i32 0
  %old = load i32, ptr %e
  %none = icmp eq i32 %old, 0
  %new = select i1 %none, i32 %now, i32 %old
  store i32 %new, ptr %e
  ret double %y
}

define internal double @rows.chosen(ptr %e, i1 %condition, double %a, double %b) alwaysinline nounwind {
  %y = select i1 %condition, double %a, double %b
  ret double %y
}

define internal double @rows.sqrt(ptr %e, double %x) alwaysinline nounwind {
  %y = call double @llvm.sqrt.f64(double %x)
  %z = call double @rows.checked(ptr %e, double %x, double %y, i32 1)
  ret double %z
}

define internal double @rows.fabs(ptr %e, double %x) alwaysinline nounwind {
  %y = call double @llvm.fabs.f64(double %x)
  ret double %y
}

define internal double @rows.copysign(ptr %e, double %x, double %s) alwaysinline nounwind {
  %y = call double @llvm.copysign.f64(double %x, double %s)
  ret double %y
}

define internal i1 @rows.isnan(ptr %e, double %x) alwaysinline nounwind {
  %y = fcmp uno double %x, 0.0
  ret i1 %y
}

define internal i1 @rows.isinf(ptr %e, double %x) alwaysinline nounwind {
  %size = call double @llvm.fabs.f64(double %x)
  %y = fcmp oeq double %size, 0x7FF0000000000000
  ret i1 %y
}

define internal i1 @rows.isfinite(ptr %e, double %x) alwaysinline nounwind {
  %size = call double @llvm.fabs.f64(double %x)
  %y = fcmp olt double %size, 0x7FF0000000000000
  ret i1 %y
}

; a whole number y of x, which must be finite
define internal double @rows.whole(ptr %e, double %x, double %y) alwaysinline nounwind {
  %nan = fcmp uno double %x, 0.0
  %finite = call i1 @rows.isfinite(ptr %e, double %x)
  %kinds = select i1 %nan, i32 1, i32 3
  %now = select i1 %finite, i32 0, i32 %kinds
  %old = load i32, ptr %e
  %none = icmp eq i32 %old, 0
  %new = select i1 %none, i32 %now, i32 %old
  store i32 %new, ptr %e
  %plus = fadd double %y, 0.0
  ret double %plus
}

define internal double @rows.floor(ptr %e, double %x) alwaysinline nounwind {
  %y = call double @llvm.floor.f64(double %x)
  %z = call double @rows.whole(ptr %e, double %x, double %y)
  ret double %z
}

define internal double @rows.ceil(ptr %e, double %x) alwaysinline nounwind {
  %y = call double @llvm.ceil.f64(double %x)
  %z = call double @rows.whole(ptr %e, double %x, double %y)
  ret double %z
}

define internal double @rows.trunc(ptr %e, double %x) alwaysinline nounwind {
  %y = call double @llvm.trunc.f64(double %x)
  %z = call double @rows.whole(ptr %e, double %x, double %y)
  ret double %z
}

define internal double @rows.round(ptr %e, double %x) alwaysinline nounwind {
  %y = call double @llvm.rint.f64(double %x)
  %z = call double @rows.whole(ptr %e, double %x, double %y)
  ret double %z
}

define internal double @rows.pow(ptr %e, double %a, double %b) alwaysinline nounwind {
  %y = call double @rows.power(ptr %e, double %a, double %b)
  ret double %y
}

define internal double @rows.power(ptr %e, double %a, double %b) nounwind {
  %y = call double @libm.pow(double %a, double %b)
  %known = call i1 @rows.isfinite(ptr %e, double %y)
  %first = call i1 @rows.isfinite(ptr %e, double %a)
  %second = call i1 @rows.isfinite(ptr %e, double %b)
  %numbers = and i1 %first, %second
  %unknown = xor i1 %known, true
  %fails = and i1 %unknown, %numbers
  br i1 %fails, label %failed, label %fine
failed:
  %nan = fcmp uno double %y, 0.0
  %zero = fcmp oeq double %a, 0.0
  %invalid = or i1 %nan, %zero
  %kind = select i1 %invalid, i32 1, i32 3
  %z = call double @rows.raise(ptr %e, i32 %kind)
  ret double %z
fine:
  ret double %y
}

define internal double @rows.fmod(ptr %e, double %a, double %b) nounwind {
  %endless = call i1 @rows.isinf(ptr %e, double %b)
  %number = call i1 @rows.isfinite(ptr %e, double %a)
  %kept = and i1 %endless, %number
  br i1 %kept, label %same, label %divided
same:
  ret double %a
divided:
  %y = call double @libm.fmod(double %a, double %b)
  %nan = fcmp uno double %y, 0.0
  %known = fcmp ord double %a, %b
  %invalid = and i1 %nan, %known
  br i1 %invalid, label %failed, label %fine
failed:
  %z = call double @rows.raise(ptr %e, i32 1)
  ret double %z
fine:
  ret double %y
}

define internal { double, double } @rows.frexp(ptr %e, double %x) nounwind {
  %exponent = alloca i32
  store i32 0, ptr %exponent
  %finite = call i1 @rows.isfinite(ptr %e, double %x)
  br i1 %finite, label %split, label %after
split:
  %m = call double @libm.frexp(double %x, ptr %exponent)
  br label %after
after:
  %mantissa = phi double [ %x, %0 ], [ %m, %split ]
  %n = load i32, ptr %exponent
  %whole = sitofp i32 %n to double
  %first = insertvalue { double, double } undef, double %mantissa, 0
  %both = insertvalue { double, double } %first, double %whole, 1
  ret { double, double } %both
}

define internal double @rows.ldexp(ptr %e, double %x, double %n) nounwind {
  %high = fcmp ogt double %n, 9999.0
  %most = select i1 %high, double 9999.0, double %n
  %low = fcmp ogt double %most, -9999.0
  %kept = select i1 %low, double %most, double -9999.0
  %whole = fptosi double %kept to i32
  %y = call double @libm.ldexp(double %x, i32 %whole)
  %infinite = call i1 @rows.isinf(ptr %e, double %y)
  %finite = call i1 @rows.isfinite(ptr %e, double %x)
  %over = and i1 %infinite, %finite
  br i1 %over, label %failed, label %fine
failed:
  %z = call double @rows.raise(ptr %e, i32 3)
  ret double %y
fine:
  ret double %y
}

define internal double @rows.round_to(ptr %e, double %x, double %places) nounwind {
  %y = call double @libm.round_to(double %x, double %places)
  %infinite = call i1 @rows.isinf(ptr %e, double %y)
  %finite = call i1 @rows.isfinite(ptr %e, double %x)
  %over = and i1 %infinite, %finite
  br i1 %over, label %failed, label %fine
failed:
  %z = call double @rows.raise(ptr %e, i32 3)
  ret double %z
fine:
  ret double %y
}

; ------------------------------------------------------------------------- arrays; the pool has how many are used, room, numbers

define internal void @rows.new(ptr %a) alwaysinline nounwind {
  store { ptr, i64, i64 } zeroinitializer, ptr %a
  ret void
}

; room for `more` numbers at the end of an array; false, and an error, where the pool has none
define internal i1 @rows.room(ptr %e, ptr %p, ptr %a, i64 %more) nounwind {
  %old = load { ptr, i64, i64 }, ptr %a
  %numbers = extractvalue { ptr, i64, i64 } %old, 0
  %n = extractvalue { ptr, i64, i64 } %old, 1
  %room = extractvalue { ptr, i64, i64 } %old, 2
  %needed = add i64 %n, %more
  %fits = icmp sle i64 %needed, %room
  br i1 %fits, label %there, label %moved
there:
  ret i1 true
moved:
  %pool = load { i64, i64, ptr }, ptr %p
  %used = extractvalue { i64, i64, ptr } %pool, 0
  %limit = extractvalue { i64, i64, ptr } %pool, 1
  %base = extractvalue { i64, i64, ptr } %pool, 2
  %twice = add i64 %needed, %n
  %wanted = add i64 %twice, 4
  %end = add i64 %used, %wanted
  %full = icmp sgt i64 %end, %limit
  br i1 %full, label %failed, label %taken
failed:
  %z = call double @rows.raise(ptr %e, i32 4)
  ret i1 false
taken:
  store i64 %end, ptr %p
  %new = getelementptr double, ptr %base, i64 %used
  %bytes = shl i64 %n, 3
  call void @llvm.memcpy.p0.p0.i64(ptr %new, ptr %numbers, i64 %bytes, i1 false)
  %first = insertvalue { ptr, i64, i64 } %old, ptr %new, 0
  %both = insertvalue { ptr, i64, i64 } %first, i64 %wanted, 2
  store { ptr, i64, i64 } %both, ptr %a
  ret i1 true
}

define internal void @rows.push(ptr %e, ptr %p, ptr %a, double %x) nounwind {
  %fits = call i1 @rows.room(ptr %e, ptr %p, ptr %a, i64 1)
  br i1 %fits, label %there, label %after
there:
  %old = load { ptr, i64, i64 }, ptr %a
  %numbers = extractvalue { ptr, i64, i64 } %old, 0
  %n = extractvalue { ptr, i64, i64 } %old, 1
  %place = getelementptr double, ptr %numbers, i64 %n
  store double %x, ptr %place
  %next = add i64 %n, 1
  %new = insertvalue { ptr, i64, i64 } %old, i64 %next, 1
  store { ptr, i64, i64 } %new, ptr %a
  br label %after
after:
  ret void
}

define internal void @rows.extend(ptr %e, ptr %p, ptr %a, { ptr, i64, i64 } %b) nounwind {
  %more = extractvalue { ptr, i64, i64 } %b, 1
  %fits = call i1 @rows.room(ptr %e, ptr %p, ptr %a, i64 %more)
  br i1 %fits, label %there, label %after
there:
  %old = load { ptr, i64, i64 }, ptr %a
  %numbers = extractvalue { ptr, i64, i64 } %old, 0
  %n = extractvalue { ptr, i64, i64 } %old, 1
  %place = getelementptr double, ptr %numbers, i64 %n
  %others = extractvalue { ptr, i64, i64 } %b, 0
  %bytes = shl i64 %more, 3
  call void @llvm.memcpy.p0.p0.i64(ptr %place, ptr %others, i64 %bytes, i1 false)
  %next = add i64 %n, %more
  %new = insertvalue { ptr, i64, i64 } %old, i64 %next, 1
  store { ptr, i64, i64 } %new, ptr %a
  br label %after
after:
  ret void
}

define internal double @rows.at(ptr %e, { ptr, i64, i64 } %a, double %i) alwaysinline nounwind {
  %n = extractvalue { ptr, i64, i64 } %a, 1
  %length = sitofp i64 %n to double
  %low = fcmp oge double %i, 0.0
  %high = fcmp olt double %i, %length
  %inside = and i1 %low, %high
  br i1 %inside, label %fine, label %failed
fine:
  %numbers = extractvalue { ptr, i64, i64 } %a, 0
  %index = fptosi double %i to i64
  %place = getelementptr double, ptr %numbers, i64 %index
  %x = load double, ptr %place
  ret double %x
failed:
  %z = call double @rows.raise(ptr %e, i32 1)
  ret double %z
}

define internal void @rows.put(ptr %e, { ptr, i64, i64 } %a, double %i, double %x) alwaysinline nounwind {
  %n = extractvalue { ptr, i64, i64 } %a, 1
  %length = sitofp i64 %n to double
  %low = fcmp oge double %i, 0.0
  %high = fcmp olt double %i, %length
  %inside = and i1 %low, %high
  br i1 %inside, label %fine, label %failed
fine:
  %numbers = extractvalue { ptr, i64, i64 } %a, 0
  %index = fptosi double %i to i64
  %place = getelementptr double, ptr %numbers, i64 %index
  store double %x, ptr %place
  ret void
failed:
  %z = call double @rows.raise(ptr %e, i32 1)
  ret void
}

; shares the numbers
define internal { ptr, i64, i64 } @rows.slice({ ptr, i64, i64 } %a, double %low, double %high) nounwind {
  %n = extractvalue { ptr, i64, i64 } %a, 1
  %length = sitofp i64 %n to double
  %before = fcmp olt double %low, 0.0
  %shifted = fadd double %low, %length
  %low1 = select i1 %before, double %shifted, double %low
  %behind = fcmp olt double %high, 0.0
  %moved = fadd double %high, %length
  %high1 = select i1 %behind, double %moved, double %high
  %under = fcmp olt double %low1, 0.0
  %low2 = select i1 %under, double 0.0, double %low1
  %over = fcmp ogt double %high1, %length
  %high2 = select i1 %over, double %length, double %high1
  %crossed = fcmp olt double %high2, %low2
  %high3 = select i1 %crossed, double %low2, double %high2
  %numbers = extractvalue { ptr, i64, i64 } %a, 0
  %first = fptosi double %low2 to i64
  %width = fsub double %high3, %low2
  %count = fptosi double %width to i64
  %start = getelementptr double, ptr %numbers, i64 %first
  %b = insertvalue { ptr, i64, i64 } %a, ptr %start, 0
  %c = insertvalue { ptr, i64, i64 } %b, i64 %count, 1
  %d = insertvalue { ptr, i64, i64 } %c, i64 %count, 2
  ret { ptr, i64, i64 } %d
}
