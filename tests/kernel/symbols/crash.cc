// SPDX-License-Identifier: BSD-2-Clause
/* Its function has a namespace, a class and a template argument in its name. */
namespace shop
{
template <class T> struct Cart {
	volatile T *items;

	__attribute__((noinline)) T total(int more) const
	{
		__asm__ volatile("");
		return *items + more;
	}
};
} // namespace shop

int main()
{
	const shop::Cart<long> cart = { nullptr };

	return static_cast<int>(cart.total(3)) + 1;
}
